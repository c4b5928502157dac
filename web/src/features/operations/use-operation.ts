import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiClient, Body, PostPath } from "@/api/client";
import { ApiError, asApiError } from "@/api/errors";
import { newIdentifier } from "@/api/identifier";
import type { Operation } from "@/api/types";
import { useApi } from "@/session/session";
import { hasEnded, useOperations } from "./operations";
import { type StartedOperation, type Progress, progressOf } from "./progress";
import type { OperationAction } from "./action";

const LOOK_AGAIN_MILLISECONDS = 2_000;

export interface OperationHandle {
  progress: Progress;
  start: <Path extends PostPath>(path: Path, body: Body<Path>) => void;
  /** Stop it and roll it back. */
  cancel: () => void;
  reset: () => void;
}

/** Starts an operation, or watches one that is running, until it has ended. It copes with broken connections. */
export function useOperation(name: string, action: OperationAction, watched?: string): OperationHandle {
  const api = useApi();
  const { byId, learn, see, refuse, renew } = useOperations();
  const [started, setStarted] = useState<StartedOperation | null>(watched ? startedOperation(watched, true) : null);
  const operation = started ? byId.get(started.id) : undefined;
  const progress = progressOf(started, operation);
  const open = useOpen();

  const change = useCallback((id: string, news: Partial<StartedOperation>) => setStarted((now) => (now?.id === id ? { ...now, ...news } : now)), []);

  const start = useCallback(
    <Path extends PostPath>(path: Path, body: Body<Path>) => {
      const id = newIdentifier();
      setStarted(startedOperation(id, false));
      const end = (news: Partial<StartedOperation>) => {
        change(id, news);
        renew(); // the stream of events may be cut at this moment
        if (!open.current && news.ended instanceof ApiError) {
          refuse({ id, action, name, error: news.ended });
        }
      };
      api.post(path, { ...(body as object), operation_id: id } as Body<Path>).then(
        () => end({ ended: "succeeded" }),
        (error: unknown) => end(error instanceof ApiError && error.offline ? { lost: true } : { ended: asApiError(error) }),
      );
    },
    [api, change, name, action, open, refuse, renew],
  );

  const id = started?.id;
  const cancel = useCallback(() => {
    if (id !== undefined) {
      change(id, { cancelling: true, refusal: null });
      api.post("/operations/cancel", { id }).then(
        () => change(id, { ended: "cancelled" }),
        (error: unknown) => change(id, { cancelling: false, refusal: asApiError(error) }),
      );
    }
  }, [api, change, id]);

  const tell = useCallback(
    (wanted: string, found: Operation | undefined) => (found ? learn(found) : change(wanted, { ended: new ApiError(0, "the request never arrived") })),
    [learn, change],
  );
  useLookUp(started?.lost && !(operation && hasEnded(operation)) ? started.id : null, tell);

  const over = progress.phase !== "idle" && progress.phase !== "running";
  useEffect(() => {
    if (over && id !== undefined) {
      see(id);
    }
  }, [over, id, see]);

  const reset = useCallback(() => setStarted(null), []);
  return { progress, start, cancel, reset };
}

/** Whether the dialog is still open. */
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

function startedOperation(id: string, lost: boolean): StartedOperation {
  return { id, ended: null, lost, cancelling: false, refusal: null };
}

/** Poll an operation that no request waits for; the stream of events may be cut too. */
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
  const page = await api.get("/operations", { search: id });
  return page.entries.find((operation) => operation.id === id);
}
