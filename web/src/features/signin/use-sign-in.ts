import { useMutation } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import type { SignedIn } from "@/api/types";
import { HOME } from "@/app/paths";
import { useSession } from "@/session/session";

/** Sign in, and go back to where signing in was asked for. */
export function useSignIn() {
  const { api, begin } = useSession();
  const navigate = useNavigate();
  const from: unknown = useLocation().state;
  return useMutation({
    mutationFn: (credentials: { username: string; password: string }) => api.post<SignedIn>("/account/authenticate", credentials),
    onSuccess: (signedIn) => {
      begin(signedIn);
      void navigate(typeof from === "string" ? from : HOME, { replace: true });
    },
  });
}
