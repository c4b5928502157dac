import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import type { Account, NewAccount, SignedIn } from "@/api/types";
import { HOME } from "@/app/paths";
import { useSession } from "@/session/session";

/** Create the first account and sign in as it. */
export function useSetup() {
  const { api, begin } = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (account: Omit<NewAccount, "admin">) => {
      await api.post<Account>("/account/create", { ...account, admin: true });
      return api.post<SignedIn>("/account/authenticate", { username: account.username, password: account.password });
    },
    onSuccess: (signedIn) => {
      begin(signedIn);
      void navigate(HOME, { replace: true });
    },
    onError: () => queries.invalidateQueries({ queryKey: ["ping"] }),
  });
}
