import { useQuery } from "@tanstack/react-query";
import { useApi } from "@/session/session";

/** The VM images. */
export function useVmImages() {
  const api = useApi();
  return useQuery({ queryKey: ["vm-images"], queryFn: ({ signal }) => api.get("/vm-images", undefined, signal) });
}
