import { useEffect, useState } from "react";
import type { ApiClient } from "@/api/client";
import { type ApiError, asApiError } from "@/api/errors";
import { follow } from "@/api/follow";
import type { JournalEntry } from "@/api/types";
import { useApi } from "@/session/session";
import { type Arrival, appended, EMPTY, type LogBuffer } from "./buffer";

/** How many of the newest lines are there at once; what comes after is streamed. */
const FIRST_LINES = 1_000;
/** Lines come in bursts, and drawing each by itself would be slow. */
const DRAW_MILLISECONDS = 100;

export interface Log {
  buffer: LogBuffer;
  status: "loading" | "live" | "reconnecting" | "failed";
  error: ApiError | null;
}

const START: Log = { buffer: EMPTY, status: "loading", error: null };

/** The log of a unit: its newest lines, and then every new one. */
export function useLog(unit: string): Log {
  const api = useApi();
  const [log, setLog] = useState(START);

  useEffect(() => {
    const leaving = new AbortController();
    const waiting: Arrival[] = [];
    const draw = () => {
      const arrivals = waiting.splice(0);
      setLog((known) => (arrivals.length ? { ...known, buffer: appended(known.buffer, arrivals) } : known));
    };
    const timer = setInterval(draw, DRAW_MILLISECONDS);
    const tell = (change: Partial<Log>) => setLog((known) => ({ ...known, ...change }));
    read(api, unit, waiting, tell, leaving.signal).catch((error: unknown) => {
      if (!leaving.signal.aborted) {
        tell({ status: "failed", error: asApiError(error) });
      }
    });
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [api, unit]);

  return log;
}

async function read(api: ApiClient, unit: string, waiting: Arrival[], tell: (change: Partial<Log>) => void, signal: AbortSignal): Promise<void> {
  const page = await api.get("/systemd/logs/tail", { unit, lines: String(FIRST_LINES) }, signal);
  waiting.push(...page.entries);
  const follower = {
    event: ({ data }: { data: string }) => waiting.push(JSON.parse(data) as JournalEntry),
    gap: () => waiting.push("gap"),
    connected: (open: boolean) => tell({ status: open ? "live" : "reconnecting" }),
    refused: (error: ApiError) => tell({ status: "failed", error }),
  };
  await follow(api, "/systemd/logs", follower, { query: { unit }, lastEventId: page.end_cursor, signal });
}
