import { useQuery } from "@tanstack/react-query";
import type { Answers, InstallPreview, KeptVersions, PackageIdentity, Questions } from "@/api/types";
import { useApi } from "@/session/session";

/** What a package asks and would create, the answers that were saved, and the existing data. */
export interface InstallInfo {
  questions: Questions;
  preview: InstallPreview;
  savedAnswers: Answers;
  data: KeptVersions;
}

/** What the form for a version needs; `installed` is the version whose answers it takes over, if one is installed. */
export function useInstallInfo({ repo, name, version }: PackageIdentity, installed: string | undefined, enabled: boolean) {
  const api = useApi();
  const identity = { repo, name, version };
  return useQuery({
    queryKey: ["package", "install-info", identity, installed],
    enabled,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<InstallInfo> => {
      const [questions, preview, current, last, data] = await Promise.all([
        api.post("/packages/questions/identity", identity, signal),
        api.post("/packages/install-preview", identity, signal),
        installed === undefined ? {} : api.post("/packages/responses", { repo, name, version: installed }, signal),
        api.post("/packages/last-responses", { repo, name }, signal),
        api.post("/packages/uninstalled-volumes", { repo, name }, signal),
      ]);
      return { questions, preview, savedAnswers: Object.keys(current).length ? current : last, data };
    },
  });
}
