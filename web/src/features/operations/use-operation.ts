import { useCallback, useEffect, useState } from "react";
import type { ApiClient } from "@/api/client";
import { ApiError } from "@/api/errors";
import { newIdentifier } from "@/api/identifier";
import type { Operation, Page } from "@/api/types";
import { useApi } from "@/session/session";
import { hasEnded, useOperations } from "./operations";

/** How an operation stands for the one who began it. */
export type Progress =
  | { phase: "idle" }
  | { phase: "running"; operation: Operation | undefined }
  | { phase: "succeeded" }
  /** `left`: it could not be undone wholly. */
  | { phase: "failed"; error: ApiError; left: boolean };

interface Begun {
  id: string;
  ended: ApiError | "succeeded" | null;
  /** The connection of the request broke; the operation goes on without it. */
  lost: boolean;
}

const LOOK_AGAIN_MILLISECONDS = 2_000;
const UNPROCESSABLE = 422;

interface OperationHandle {
  progress: Progress;
  begin: (path: string, body: object) => void;
  /** Watch an operation that somebody has already begun. */
  watch: (id: string) => void;
  reset: () => void;
}

/** Begin an operation and see it to its end, through broken connections as well. */
export function useOperation(watched?: string): OperationHandle {
  const api = useApi();
  const { byId, learn } = useOperations();
  const [begun, setBegun] = useState<Begun | null>(watched ? { id: watched, ended: null, lost: true } : null);
  const operation = begun ? byId.get(begun.id) : undefined;

  const begin = useCallback(
    (path: string, body: object) => {
      const id = newIdentifier();
      const end = (ended: Begun["ended"]) => setBegun({ id, ended, lost: ended === null });
      setBegun({ id, ended: null, lost: false });
      api.post(path, { ...body, operation_id: id }).then(
        () => end("succeeded"),
        (error: unknown) => end(error instanceof ApiError && error.offline ? null : asApiError(error)),
      );
    },
    [api],
  );

  const lostId = begun?.lost && !(operation && hasEnded(operation)) ? begun.id : null;
  useEffect(() => {
    if (lostId === null) {
      return undefined;
    }
    const look = async () => {
      const found = await lookUp(api, lostId);
      if (found) {
        learn(found);
      } else {
        setBegun({ id: lostId, ended: new ApiError(0, "the request never arrived"), lost: true });
      }
    };
    const timer = setInterval(() => void look().catch(() => undefined), LOOK_AGAIN_MILLISECONDS);
    return () => clearInterval(timer);
  }, [api, lostId, learn]);

  const watch = useCallback((id: string) => setBegun({ id, ended: null, lost: true }), []);
  const reset = useCallback(() => setBegun(null), []);
  return { progress: progressOf(begun, operation), begin, watch, reset };
}

function progressOf(begun: Begun | null, operation: Operation | undefined): Progress {
  if (begun === null) {
    return { phase: "idle" };
  }
  if (begun.ended === "succeeded") {
    return { phase: "succeeded" };
  }
  if (begun.ended) {
    return { phase: "failed", error: begun.ended, left: operation?.state === "failed" };
  }
  if (begun.lost && operation && hasEnded(operation)) {
    return operation.state === "succeeded" ? { phase: "succeeded" } : { phase: "failed", error: new ApiError(UNPROCESSABLE, operation.error), left: operation.state === "failed" };
  }
  return { phase: "running", operation };
}

async function lookUp(api: ApiClient, id: string): Promise<Operation | undefined> {
  const page = await api.get<Page<Operation>>("/operations", { search: id });
  return page.entries.find((operation) => operation.id === id);
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, String(error));
}
