import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiClient } from "@/api/client";
import { ApiError } from "@/api/errors";
import { newIdentifier } from "@/api/identifier";
import type { Operation, Page } from "@/api/types";
import { useApi } from "@/session/session";
import { hasEnded, useOperations } from "./operations";
import { type Begun, type Progress, progressOf } from "./progress";
import type { Work } from "./work";

const LOOK_AGAIN_MILLISECONDS = 2_000;

export interface OperationHandle {
  progress: Progress;
  begin: (path: string, body: object) => void;
  /** Stop it, and have everything put back as it was. */
  stop: () => void;
  reset: () => void;
}

/** Begin an operation on a package, or watch one that runs already, and see it to its end, through broken connections as well. */
export function useOperation(name: string, work: Work, watched?: string): OperationHandle {
  const api = useApi();
  const { byId, learn, see, refuse, renew } = useOperations();
  const [begun, setBegun] = useState<Begun | null>(watched ? begunAs(watched, true) : null);
  const operation = begun ? byId.get(begun.id) : undefined;
  const progress = progressOf(begun, operation);
  const open = useOpen();

  const change = useCallback((id: string, news: Partial<Begun>) => setBegun((now) => (now?.id === id ? { ...now, ...news } : now)), []);

  const begin = useCallback(
    (path: string, body: object) => {
      const id = newIdentifier();
      setBegun(begunAs(id, false));
      const end = (news: Partial<Begun>) => {
        change(id, news);
        renew(); // the stream of events may be cut at this moment
        if (!open.current && news.ended instanceof ApiError) {
          refuse({ id, work, name, error: news.ended });
        }
      };
      api.post(path, { ...body, operation_id: id }).then(
        () => end({ ended: "succeeded" }),
        (error: unknown) => end(error instanceof ApiError && error.offline ? { lost: true } : { ended: asApiError(error) }),
      );
    },
    [api, change, name, work, open, refuse, renew],
  );

  const id = begun?.id;
  const stop = useCallback(() => {
    if (id !== undefined) {
      change(id, { stopping: true, refusal: null });
      api.post("/operations/cancel", { id }).then(
        () => change(id, { ended: "cancelled" }),
        (error: unknown) => change(id, { stopping: false, refusal: asApiError(error) }),
      );
    }
  }, [api, change, id]);

  const tell = useCallback(
    (wanted: string, found: Operation | undefined) => (found ? learn(found) : change(wanted, { ended: new ApiError(0, "the request never arrived") })),
    [learn, change],
  );
  useLookUp(begun?.lost && !(operation && hasEnded(operation)) ? begun.id : null, tell);

  const over = progress.phase !== "idle" && progress.phase !== "running";
  useEffect(() => {
    if (over && id !== undefined) {
      see(id);
    }
  }, [over, id, see]);

  const reset = useCallback(() => setBegun(null), []);
  return { progress, begin, stop, reset };
}

/** Whether the dialog is still there. */
function useOpen() {
  const open = useRef(true);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);
  return open;
}

function begunAs(id: string, lost: boolean): Begun {
  return { id, ended: null, lost, stopping: false, refusal: null };
}

/** Ask again and again for an operation that no request waits for; the stream of events may be cut as well. */
function useLookUp(id: string | null, tell: (id: string, found: Operation | undefined) => void) {
  const api = useApi();
  useEffect(() => {
    if (id === null) {
      return undefined;
    }
    const look = async () => tell(id, await lookUp(api, id));
    const timer = setInterval(() => void look().catch(() => undefined), LOOK_AGAIN_MILLISECONDS);
    return () => clearInterval(timer);
  }, [api, id, tell]);
}

async function lookUp(api: ApiClient, id: string): Promise<Operation | undefined> {
  const page = await api.get<Page<Operation>>("/operations", { search: id });
  return page.entries.find((operation) => operation.id === id);
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, String(error));
}
