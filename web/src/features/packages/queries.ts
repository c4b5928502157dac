import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Answers, InstalledInfo, InstallPreview, PackageEntry, PackageIdentity, Page, Questions } from "@/api/types";
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
    installed_only: installedOnly || undefined,
    featured_only: featuredOnly || undefined,
  };
  return useQuery({
    queryKey: ["packages", query],
    queryFn: ({ signal }) => api.get<Page<PackageEntry>>("/packages", query, signal),
    placeholderData: keepPreviousData,
  });
}

/** What a package asks and would make, and the answers that are known already. */
export interface Offer {
  questions: Questions;
  preview: InstallPreview;
  kept: Answers;
}

export function useOffer({ repo, name, version }: PackageIdentity, installed: boolean, enabled: boolean) {
  const api = useApi();
  const identity = { repo, name, version };
  return useQuery({
    queryKey: ["package", "offer", identity, installed],
    enabled,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<Offer> => {
      const [questions, preview, current, last] = await Promise.all([
        api.post<Questions>("/packages/questions/identity", identity, signal),
        api.post<InstallPreview>("/packages/install-preview", identity, signal),
        installed ? api.post<Answers>("/packages/responses", identity, signal) : {},
        api.post<Answers>("/packages/last-responses", { repo, name }, signal),
      ]);
      return { questions, preview, kept: Object.keys(current).length ? current : last };
    },
  });
}

/** What there is to know about an installed package. */
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
        api.post<InstalledInfo>("/packages/installed/info", identity, signal),
        // The repository may have dropped this version since; what is installed is still there.
        api.post<InstallPreview>("/packages/install-preview", identity, signal).catch(() => null),
      ]);
      return { info, preview };
    },
  });
}
