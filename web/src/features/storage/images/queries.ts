import { useQuery } from "@tanstack/react-query";
import type { VmImage } from "@/api/types";
import { useApi } from "@/session/session";

/** The VM images. */
export function useVmImages() {
  const api = useApi();
  return useQuery({ queryKey: ["vm-images"], queryFn: ({ signal }) => api.get<VmImage[]>("/vm-images", {}, signal) });
}
