import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { NewAccount } from "@/api/types";
import { useSession } from "@/session/session";

/** Create the first account and sign in as it. */
export function useSetup() {
  const { api, signIn } = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (account: Omit<NewAccount, "admin">) => {
      await api.post("/account/create", { ...account, admin: true });
      return api.post("/account/authenticate", { username: account.username, password: account.password });
    },
    onSuccess: signIn,
    onError: () => queries.invalidateQueries({ queryKey: ["ping"] }),
  });
}
