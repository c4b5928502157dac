import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InstalledInfo, InstallPreview, PackageEntry, PackageIdentity } from "@/api/types";
import { useApi } from "@/session/session";

export const PAGE_SIZE = 18;
const SETTLED_MILLISECONDS = 30_000;

export interface Filter {
  search: string;
  installedOnly: boolean;
  featuredOnly: boolean;
  page: number;
}

export function usePackages({ search, installedOnly, featuredOnly, page }: Filter) {
  const api = useApi();
  const query = {
    search,
    limit: PAGE_SIZE,
    offset: page * PAGE_SIZE,
    installed_only: flag(installedOnly),
    featured_only: flag(featuredOnly),
  };
  return useQuery({
    queryKey: ["packages", query],
    queryFn: ({ signal }) => api.get("/packages", query, signal),
    placeholderData: keepPreviousData,
  });
}

/** The packages of one repository, with what the list of all packages tells of them. */
export interface EntryGroup {
  repo: string;
  entries: PackageEntry[];
}

const GROUPED_ENTRIES = 1_000;

/** The packages by repository. What is offered by a more important repository as well has only its name and version here. */
export function useGroups({ search, installedOnly, featuredOnly }: Filter) {
  const api = useApi();
  const query = { search, featured_only: flag(featuredOnly) };
  return useQuery({
    queryKey: ["packages", "groups", query, installedOnly],
    queryFn: async ({ signal }): Promise<EntryGroup[]> => {
      const [groups, listed] = await Promise.all([
        api.get("/packages/by-repo", query, signal),
        api.get("/packages", { ...query, installed_only: flag(installedOnly), limit: GROUPED_ENTRIES }, signal),
      ]);
      const known = new Map(listed.entries.map((entry) => [`${entry.repo}/${entry.name}`, entry]));
      return groups
        .map(({ repo, packages }) => ({ repo, entries: packages.flatMap((identity) => known.get(`${repo}/${identity.name}`) ?? (installedOnly ? [] : bare(identity))) }))
        .filter(({ entries }) => entries.length);
    },
    placeholderData: keepPreviousData,
  });
}

/** A filter as the query has it; one that is off is not sent. */
function flag(on: boolean): "true" | undefined {
  return on ? "true" : undefined;
}

function bare(identity: PackageIdentity): PackageEntry {
  return { ...identity, runtime: "", installed: false };
}

/** Everything about an installed package. */
export interface Installed {
  info: InstalledInfo;
  preview: InstallPreview | null;
}

export function useInstalled({ repo, name, version }: PackageIdentity, enabled: boolean) {
  const api = useApi();
  const identity = { repo, name, version };
  return useQuery({
    queryKey: ["package", "installed", identity],
    enabled,
    staleTime: SETTLED_MILLISECONDS,
    queryFn: async ({ signal }): Promise<Installed> => {
      const [info, preview] = await Promise.all([
        api.post("/packages/installed/info", identity, signal),
        // The repository may have dropped this version since; what is installed is still there.
        api.post("/packages/install-preview", identity, signal).catch(() => null),
      ]);
      return { info, preview };
    },
  });
}
