import { notifyManager, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ApiError } from "@/api/errors";
import { follow } from "@/api/follow";
import type { Operation, PackageIdentity } from "@/api/types";
import { useApi } from "@/session/session";
import type { OperationAction } from "./action";

/** A request that was refused after its dialog was closed; `id` is the one it proposed for its operation. */
export interface Refusal {
  id: string;
  action: OperationAction;
  name: string;
  error: ApiError;
}

interface Operations {
  /** Each operation that ran while this page was open, by id. */
  byId: ReadonlyMap<string, Operation>;
  /** Operations that ended before, newest first. */
  history: readonly Operation[];
  /** The ids whose result the list of packages already shows. */
  shown: ReadonlySet<string>;
  /** The ids whose end somebody has seen. */
  seen: ReadonlySet<string>;
  connected: boolean;
  learn: (operation: Operation) => void;
  see: (id: string) => void;
  refusals: readonly Refusal[];
  refuse: (refusal: Refusal) => void;
  /** Load again what an operation may have changed. */
  renew: () => void;
}

const OperationsContext = createContext<Operations | null>(null);

/** Everything that an operation may change, besides the list of packages. */
const AFFECTED = ["package", "units", "ping", "upgrades", "volumes", "snapshots", "vm-images"];
const HISTORY_ENTRIES = 100;
const NONE: readonly Operation[] = [];

export function hasEnded(operation: Operation): boolean {
  return operation.state !== "queued" && operation.state !== "running";
}

/** Watches all operations through one stream for the whole page. */
export function OperationsProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const queries = useQueryClient();
  const [byId, setById] = useState<ReadonlyMap<string, Operation>>(new Map());
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [connected, setConnected] = useState(false);
  const history = useQuery({
    queryKey: ["operations"],
    queryFn: ({ signal }) => api.get("/operations", { limit: HISTORY_ENTRIES }, signal),
    staleTime: Infinity,
  });
  const ended = history.data?.entries ?? NONE;

  // A later request for the list cuts an earlier one short, so only the latest knows that the list is as it is now.
  const finished = useRef(new Set<string>());
  const latest = useRef(0);
  const renew = useCallback(() => {
    latest.current += 1;
    const mine = latest.current;
    void refreshed(queries).then(() => mine === latest.current && setShown(new Set(finished.current)));
  }, [queries]);
  const learn = useCallback(
    (operation: Operation) => {
      setById((known) => new Map(known).set(operation.id, operation));
      if (hasEnded(operation)) {
        finished.current.add(operation.id);
        renew();
      }
    },
    [renew],
  );
  const refuse = useCallback((refusal: Refusal) => setRefusals((before) => [...before, refusal]), []);
  const see = useCallback((id: string) => setSeen((before) => (before.has(id) ? before : new Set(before).add(id))), []);

  useEffect(() => {
    const leaving = new AbortController();
    const follower = {
      event: ({ data }: { data: string }) => learn(JSON.parse(data) as Operation),
      connected: setConnected,
    };
    void follow(api, "/operations/events", follower, { signal: leaving.signal });
    return () => leaving.abort();
  }, [api, learn]);

  const value = useMemo(
    () => ({ byId, history: ended, shown, seen, refusals, connected, learn, see, refuse, renew }),
    [byId, ended, shown, seen, refusals, connected, learn, see, refuse, renew],
  );
  return <OperationsContext value={value}>{children}</OperationsContext>;
}

/** Load again what an operation may have changed, and wait until the page shows the current list of packages. */
async function refreshed(queries: QueryClient): Promise<void> {
  for (const kind of AFFECTED) {
    void queries.invalidateQueries({ queryKey: [kind] });
  }
  await queries.invalidateQueries({ queryKey: ["packages"], refetchType: "all" });
  // The page is told of the new list in the order of this schedule.
  await new Promise<void>((resolve) => notifyManager.schedule(resolve));
}

export function useOperations(): Operations {
  const value = use(OperationsContext);
  if (value === null) {
    throw new Error("useOperations needs an OperationsProvider around it");
  }
  return value;
}

/**
 * The operation that works on a package, if there is one, until the list shows what became of it.
 *
 * In between, the list still has what was removed, and to ask about that would be an error.
 */
export function useRunning({ repo, name }: Pick<PackageIdentity, "repo" | "name">): Operation | undefined {
  const { byId, shown } = useOperations();
  return Array.from(byId.values()).find((operation) => operation.repo === repo && operation.name === name && !shown.has(operation.id));
}
