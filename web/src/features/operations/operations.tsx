import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import { follow } from "@/api/follow";
import type { Operation, PackageIdentity } from "@/api/types";
import { useApi } from "@/session/session";

interface Operations {
  /** What is known of each operation that runs or ran while this page was open, by id. */
  byId: ReadonlyMap<string, Operation>;
  connected: boolean;
  learn: (operation: Operation) => void;
}

const OperationsContext = createContext<Operations | null>(null);

/** Everything that an operation may change. */
const AFFECTED = ["packages", "package", "units", "ping"];

export function hasEnded(operation: Operation): boolean {
  return operation.state !== "queued" && operation.state !== "running";
}

/** Watches all operations through one stream for the whole page. */
export function OperationsProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const queries = useQueryClient();
  const [byId, setById] = useState<ReadonlyMap<string, Operation>>(new Map());
  const [connected, setConnected] = useState(false);

  const learn = useCallback(
    (operation: Operation) => {
      setById((known) => new Map(known).set(operation.id, operation));
      if (hasEnded(operation)) {
        for (const kind of AFFECTED) {
          void queries.invalidateQueries({ queryKey: [kind] });
        }
      }
    },
    [queries],
  );

  useEffect(() => {
    const leaving = new AbortController();
    const follower = {
      event: ({ data }: { data: string }) => learn(JSON.parse(data) as Operation),
      connected: setConnected,
    };
    void follow(api, "/operations/events", follower, { signal: leaving.signal });
    return () => leaving.abort();
  }, [api, learn]);

  const value = useMemo(() => ({ byId, connected, learn }), [byId, connected, learn]);
  return <OperationsContext value={value}>{children}</OperationsContext>;
}

export function useOperations(): Operations {
  const value = use(OperationsContext);
  if (value === null) {
    throw new Error("useOperations needs an OperationsProvider around it");
  }
  return value;
}

/** The operation that works on a package now, if there is one. */
export function useRunning({ repo, name }: Pick<PackageIdentity, "repo" | "name">): Operation | undefined {
  const { byId } = useOperations();
  return Array.from(byId.values()).find((operation) => operation.repo === repo && operation.name === name && !hasEnded(operation));
}
