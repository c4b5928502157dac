import { useMutation } from "@tanstack/react-query";
import { useSession } from "@/session/session";

/** Sign in. */
export function useSignIn() {
  const { api, signIn } = useSession();
  return useMutation({
    mutationFn: (credentials: { username: string; password: string }) => api.post("/account/authenticate", credentials),
    onSuccess: signIn,
  });
}
