/** Files on their way between this browser and the appliance. */

import { ApiError } from "@/api/errors";
import type { Operation } from "@/api/types";
import { hasEnded } from "@/features/operations/operations";

export type Direction = "upload" | "download";

export interface Transfer {
  /** Of an upload, also the id of the operation that merges the files into the volume. */
  id: string;
  direction: Direction;
  /** The volume, as people call it. */
  name: string;
  fileName: string;
  /** In bytes; of a download nobody knows the total. */
  done: number;
  total: number | null;
  /** Unsaved: it came, but the browser could not keep it. */
  ended: ApiError | "succeeded" | "cancelled" | "unsaved" | null;
  /** The appliance has been asked to roll it back. */
  cancelling: boolean;
  /** Why it does not. */
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
const UNPROCESSABLE = 422;

/** How it stands: what became of the request, and if its connection broke at the end, what is known of its operation. */
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

/** Of the two requests, that which sends the file and that which stops its operation, either may be answered first. */
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
  return { phase: "failed", error: new ApiError(UNPROCESSABLE, operation.error) };
}

export function isOver({ phase }: Outcome): boolean {
  return phase !== "running" && phase !== "merging";
}
