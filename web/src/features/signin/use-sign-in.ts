import { useMutation } from "@tanstack/react-query";
import type { SignedIn } from "@/api/types";
import { useSession } from "@/session/session";

/** Sign in. */
export function useSignIn() {
  const { api, signIn } = useSession();
  return useMutation({
    mutationFn: (credentials: { username: string; password: string }) => api.post<SignedIn>("/account/authenticate", credentials),
    onSuccess: signIn,
  });
}
