import { ApiError, operationError } from "@/api/errors";
import type { Operation } from "@/api/types";
import { hasEnded } from "./operations";

/** An operation as the page that started it knows it. */
export interface StartedOperation {
  id: string;
  ended: ApiError | "succeeded" | "cancelled" | null;
  /** The connection of the request broke; the operation goes on without it. */
  lost: boolean;
  /** It has been asked to stop and to roll back. */
  cancelling: boolean;
  /** Why it cannot be cancelled. */
  refusal: ApiError | null;
}

/** The progress of an operation for the page that started it. */
export type Progress =
  | { phase: "idle" }
  | { phase: "running"; operation: Operation | undefined; cancelling: boolean; refusal: ApiError | null }
  | { phase: "succeeded"; operation: Operation | undefined }
  | { phase: "cancelled" }
  /** `incomplete`: it could not be rolled back completely. */
  | { phase: "failed"; error: ApiError; incomplete: boolean };

const CONFLICT = 409;

/** The progress to show: the answer to the request comes first, then the state of the operation. */
export function progressOf(started: StartedOperation | null, operation: Operation | undefined): Progress {
  if (started === null) {
    return { phase: "idle" };
  }
  if (started.ended === "succeeded") {
    return { phase: "succeeded", operation };
  }
  if (started.ended === "cancelled" || operation?.state === "cancelled" || cancelledMeanwhile(started)) {
    return { phase: "cancelled" };
  }
  if (started.ended) {
    return { phase: "failed", error: started.ended, incomplete: operation?.state === "failed" };
  }
  if (started.lost && operation && hasEnded(operation)) {
    return ofEnded(operation);
  }
  return { phase: "running", operation, cancelling: started.cancelling, refusal: started.refusal };
}

/** Of the two requests, the one that started the operation and the one that cancels it, either may be answered first. */
function cancelledMeanwhile({ ended, cancelling }: StartedOperation): boolean {
  return cancelling && ended instanceof ApiError && ended.status === CONFLICT;
}

function ofEnded(operation: Operation): Progress {
  return operation.state === "succeeded"
    ? { phase: "succeeded", operation }
    : { phase: "failed", error: operationError(operation), incomplete: operation.state === "failed" };
}
