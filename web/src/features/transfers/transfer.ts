/** Transfers: files that this browser uploads or downloads. */

import { ApiError, operationError } from "@/api/errors";
import type { Operation } from "@/api/types";
import { hasEnded } from "@/features/operations/operations";

export type Direction = "upload" | "download";

export interface Transfer {
  /** Of an upload, also the id of the operation that merges the files into the volume. */
  id: string;
  direction: Direction;
  /** The name of the volume, as the page shows it. */
  name: string;
  fileName: string;
  /** In bytes; the total of a download is unknown. */
  done: number;
  total: number | null;
  /** `unsaved`: it arrived, but the browser could not save it. */
  ended: ApiError | "succeeded" | "cancelled" | "unsaved" | null;
  /** The appliance has been asked to roll it back. */
  cancelling: boolean;
  /** Why it cannot be cancelled. */
  refusal: ApiError | null;
}

export type Outcome =
  | { phase: "running" }
  /** Everything has been sent. Now the appliance checks the files and merges them into the volume. */
  | { phase: "merging"; operation: Operation | undefined; cancelling: boolean }
  | { phase: "succeeded" }
  | { phase: "cancelled" }
  | { phase: "unsaved" }
  | { phase: "failed"; error: ApiError };

const CONFLICT = 409;

/** The outcome: the result of the request, or if its connection broke, that of its operation. */
export function outcomeOf(transfer: Transfer, operation: Operation | undefined): Outcome {
  const { direction, done, total, ended, cancelling } = transfer;
  if (ended instanceof ApiError) {
    return ofFailure(ended, cancelling, operation);
  }
  if (ended) {
    return { phase: ended };
  }
  const sent = direction === "upload" && total !== null && done >= total;
  return sent ? { phase: "merging", operation, cancelling } : { phase: "running" };
}

/** Of the two requests, the one that sends the file and the one that cancels its operation, either may be answered first. */
function ofFailure(error: ApiError, cancelling: boolean, operation: Operation | undefined): Outcome {
  if (cancelling && error.status === CONFLICT) {
    return { phase: "cancelled" };
  }
  return error.offline && operation ? ofOperation(operation, cancelling) : { phase: "failed", error };
}

function ofOperation(operation: Operation, cancelling: boolean): Outcome {
  if (!hasEnded(operation)) {
    return { phase: "merging", operation, cancelling };
  }
  if (operation.state === "succeeded" || operation.state === "cancelled") {
    return { phase: operation.state };
  }
  return { phase: "failed", error: operationError(operation) };
}

export function isOver({ phase }: Outcome): boolean {
  return phase !== "running" && phase !== "merging";
}
