import { useQuery } from "@tanstack/react-query";
import { useApi } from "@/session/session";

/** The snapshots of a volume, newest first. */
export function useSnapshots(volume: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["snapshots", volume],
    queryFn: ({ signal }) => api.post("/storage/snapshots", { volume }, signal),
    select: (snapshots) => snapshots.toSorted((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at)),
  });
}

/** What is in a directory of a snapshot, which never changes. */
export function useSnapshotDirectory(volume: string, id: string, path: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["snapshots", volume, id, path],
    staleTime: Infinity,
    queryFn: ({ signal }) => api.post("/storage/snapshots/browse", { volume, id, path }, signal),
    select: (entries) => entries.toSorted((one, other) => Number(other.type === "directory") - Number(one.type === "directory")),
  });
}
