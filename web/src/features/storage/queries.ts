import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "@/api/client";
import type { Filesystem, VolumeState } from "@/api/types";
import type { Sorting } from "@/components/data-table";
import { useApi, useSession } from "@/session/session";

export const PAGE_SIZE = 20;
const WHOLE_PAGE = 500;
/** The use of volumes changes without the page. */
const POLL_MILLISECONDS = 10_000;
const SETTLED_MILLISECONDS = 30_000;

export interface Filter {
  search: string;
  sorting: Sorting;
  page: number;
}

/** The user volumes. */
export function useUserVolumes({ search, sorting, page }: Filter) {
  const api = useApi();
  const query = { state: "user", search, sort_by: sorting.by, sort_order: sorting.descending ? "desc" : "asc", limit: PAGE_SIZE, offset: page * PAGE_SIZE };
  return useQuery({
    queryKey: ["volumes", query],
    queryFn: ({ signal }) => api.post("/storage", query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MILLISECONDS,
  });
}

/** All package volumes: the installed ones, and if wanted the kept data too. */
export function usePackageVolumes(uninstalledToo: boolean) {
  const api = useApi();
  const states: VolumeState[] = uninstalledToo ? ["installed", "uninstalled"] : ["installed"];
  return useQuery({
    queryKey: ["volumes", "of packages", states],
    queryFn: async ({ signal }) => (await Promise.all(states.map((state) => everyVolume(api, state, signal)))).flat(),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MILLISECONDS,
  });
}

async function everyVolume(api: ApiClient, state: VolumeState, signal: AbortSignal): Promise<Filesystem[]> {
  const found: Filesystem[] = [];
  for (;;) {
    const page = await api.post("/storage", { state, limit: WHOLE_PAGE, offset: found.length }, signal);
    found.push(...page.entries);
    if (!page.entries.length || found.length >= page.total_count) {
      return found;
    }
  }
}

/** A setting in bytes; undefined while it is loading, and for users who may not read settings. */
export function useByteSetting(key: "max_archive_size") {
  const { api, session } = useSession();
  return useQuery({
    queryKey: ["setting", key],
    enabled: session?.admin === true,
    staleTime: SETTLED_MILLISECONDS,
    queryFn: async ({ signal }) => Number((await api.post("/settings/get", { key }, signal)).value),
  });
}
