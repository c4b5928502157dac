import { ApiError } from "@/api/errors";
import type { Operation } from "@/api/types";
import { hasEnded } from "./operations";

/** An operation as the one who began it knows it. */
export interface Begun {
  id: string;
  ended: ApiError | "succeeded" | "cancelled" | null;
  /** The connection of the request broke; the operation goes on without it. */
  lost: boolean;
  /** It has been asked to stop and to put everything back. */
  stopping: boolean;
  /** Why it does not stop. */
  refusal: ApiError | null;
}

/** How an operation stands for the one who began it. */
export type Progress =
  | { phase: "idle" }
  | { phase: "running"; operation: Operation | undefined; stopping: boolean; refusal: ApiError | null }
  | { phase: "succeeded"; operation: Operation | undefined }
  | { phase: "cancelled" }
  /** `left`: it could not be undone wholly. */
  | { phase: "failed"; error: ApiError; left: boolean };

const CONFLICT = 409;
const UNPROCESSABLE = 422;

/** What there is to tell: the answer to the request counts most, and what is known of the operation stands in for it. */
export function progressOf(begun: Begun | null, operation: Operation | undefined): Progress {
  if (begun === null) {
    return { phase: "idle" };
  }
  if (begun.ended === "succeeded") {
    return { phase: "succeeded", operation };
  }
  if (begun.ended === "cancelled" || operation?.state === "cancelled" || turnedBack(begun)) {
    return { phase: "cancelled" };
  }
  if (begun.ended) {
    return { phase: "failed", error: begun.ended, left: operation?.state === "failed" };
  }
  if (begun.lost && operation && hasEnded(operation)) {
    return ofEnded(operation);
  }
  return { phase: "running", operation, stopping: begun.stopping, refusal: begun.refusal };
}

/** Of the two requests, that which began the operation and that which stops it, either may be answered first. */
function turnedBack({ ended, stopping }: Begun): boolean {
  return stopping && ended instanceof ApiError && ended.status === CONFLICT;
}

function ofEnded(operation: Operation): Progress {
  return operation.state === "succeeded"
    ? { phase: "succeeded", operation }
    : { phase: "failed", error: new ApiError(UNPROCESSABLE, operation.error), left: operation.state === "failed" };
}
