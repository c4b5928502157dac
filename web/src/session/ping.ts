import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "./session";

const POLL_MILLISECONDS = 5_000;

export type Connection = "loading" | "online" | "offline";

/** Poll the status: it tells whether there is a connection, which language is set, and whether the session is valid. */
export function usePing() {
  const { api, session, end } = useSession();
  const { setLocale } = useI18n();
  const token = session?.token;
  const { data, isError, isPending, failureCount, refetch } = useQuery({
    queryKey: ["ping", token ?? null],
    queryFn: ({ signal }) => api.get("/status/ping", undefined, signal),
    refetchInterval: POLL_MILLISECONDS,
    retry: false,
  });
  useEffect(() => {
    if (data?.locale) {
      setLocale(data.locale);
    }
  }, [data?.locale, setLocale]);
  // A token that is no longer valid is not refused here: the answer is the one for strangers.
  useEffect(() => {
    if (token && data && data.username === undefined) {
      end();
    }
  }, [data, token, end]);
  const offline = isError || failureCount > 0;
  const connection: Connection = offline ? "offline" : isPending ? "loading" : "online";
  return { ping: data, connection, refetch };
}
