import type { Operation, PackageIdentity } from "@/api/types";
import { usePersistentSet } from "@/components/persistent-set";
import { hasEnded, useOperations } from "@/features/operations/operations";

const DISMISSED = "dismissed_failed_upgrades";

/** The last upgrade of a package that failed, until it is dismissed or a later operation has succeeded. */
export function useFailedUpgrade({ repo, name }: Pick<PackageIdentity, "repo" | "name">): { failed: Operation | undefined; dismiss: () => void } {
  const { byId, history } = useOperations();
  const [dismissed, add] = usePersistentSet(DISMISSED);
  const all = [...byId.values(), ...history.filter(({ id }) => !byId.has(id))];
  const failed = lastFailed(all.filter((operation) => operation.repo === repo && operation.name === name));
  return {
    failed: failed && !dismissed.has(failed.id) ? failed : undefined,
    dismiss: () => failed && add(failed.id),
  };
}

/** Of the operations on one package, the upgrade that failed with nothing successful after it. */
export function lastFailed(operations: readonly Operation[]): Operation | undefined {
  const ended = operations.filter(hasEnded).toSorted((one, other) => other.started_at.localeCompare(one.started_at));
  const decisive = ended.find((operation) => operation.state === "succeeded" || isFailedUpgrade(operation));
  return decisive && isFailedUpgrade(decisive) ? decisive : undefined;
}

function isFailedUpgrade({ kind, state }: Operation): boolean {
  return kind === "upgrade" && (state === "undone" || state === "failed");
}
