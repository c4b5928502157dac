import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Unit } from "@/api/types";
import { useApi } from "@/session/session";

export const PAGE_SIZE = 20;
const POLL_MILLISECONDS = 4_000;

/** The services, looked at again and again, since they change by themselves. */
export function useUnits(search: string, page: number) {
  const api = useApi();
  const query = { search, limit: PAGE_SIZE, offset: page * PAGE_SIZE };
  return useQuery({
    queryKey: ["units", query],
    queryFn: ({ signal }) => api.get("/systemd/units", query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MILLISECONDS,
  });
}

/** One service as it is now. */
export function useUnit(unit: Unit): Unit {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ["units", "one", unit.Name],
    queryFn: ({ signal }) => api.get("/systemd/units", { search: unit.Name }, signal),
    refetchInterval: POLL_MILLISECONDS,
  });
  return data?.entries.find((entry) => entry.Name === unit.Name) ?? unit;
}
