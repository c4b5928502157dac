import type { Operation } from "@/api/types";
import { DialogFrame } from "@/components/ui/dialog";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { type OperationAction, actionOf } from "@/features/operations/action";
import { InstalledView } from "./install/installed-view";

/** An operation that is running, or that ended while nobody looked: another page or person may have started it. */
export function WatchDialog({ operation, onClose }: { operation: Operation; onClose: () => void }) {
  const { name } = operation;
  const action = actionOf(operation);
  const handle = useOperation(name, action, operation.id);
  return (
    <DialogFrame onClose={onClose}>
      <OperationView
        action={action}
        name={name}
        handle={handle}
        done={opensInstalled(action) && <InstalledView identity={operation} action={action} progress={handle.progress} onClose={onClose} />}
        onClose={onClose}
      />
    </DialogFrame>
  );
}

function opensInstalled(action: OperationAction): action is "install" | "change" | "upgrade" {
  return action === "install" || action === "change" || action === "upgrade";
}
