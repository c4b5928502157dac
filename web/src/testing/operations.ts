/** Operations for tests. */

import type { Operation, OperationStep } from "@/api/types";

export function step(name: string, change: Partial<OperationStep> = {}): OperationStep {
  return { name, state: "pending", done: null, total: null, unit: "", ...change };
}

/** An installation that fetches; `change` makes another one of it. */
export function operation(change: Partial<Operation>): Operation {
  return {
    id: "",
    kind: "install",
    repo: "core",
    name: "web",
    version: "1.0",
    state: "running",
    step: "pull",
    steps: [step("pull", { state: "running", done: 2, total: 5 }), step("start")],
    error: "",
    started_at: "2026-05-01T10:00:00Z",
    ended_at: null,
    ...change,
  };
}
