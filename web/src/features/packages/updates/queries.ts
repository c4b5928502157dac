import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { PackageIdentity, Upgrade } from "@/api/types";
import { useApi } from "@/session/session";

const POLL_MILLISECONDS = 60_000;

/** All available updates. */
export function useUpgrades() {
  const api = useApi();
  return useQuery({
    queryKey: ["upgrades"],
    queryFn: ({ signal }) => api.get("/packages/upgrades", undefined, signal),
    refetchInterval: POLL_MILLISECONDS,
  });
}

export function useUpgradeOf({ repo, name }: Pick<PackageIdentity, "repo" | "name">): Upgrade | undefined {
  return useUpgrades().data?.find((upgrade) => upgrade.repo === repo && upgrade.name === name);
}

/** Turns off the reminder until there are other updates. */
export function useDismissal() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api.post("/packages/upgrades/dismiss"),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["ping"] }),
  });
}
