import type { Operation } from "@/api/types";
import { DialogFrame } from "@/components/ui/dialog";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { type Work, workOf } from "@/features/operations/work";
import { InstalledView } from "./install/installed-view";

/** An operation that runs already, or has ended unseen: begun before this page was loaded, by somebody else, or left to itself. */
export function WatchDialog({ operation, onClose }: { operation: Operation; onClose: () => void }) {
  const { name } = operation;
  const work = workOf(operation);
  const handle = useOperation(name, work, operation.id);
  return (
    <DialogFrame onClose={onClose}>
      <OperationView
        work={work}
        name={name}
        handle={handle}
        done={leadsSomewhere(work) && <InstalledView identity={operation} work={work} progress={handle.progress} onClose={onClose} />}
        onClose={onClose}
      />
    </DialogFrame>
  );
}

function leadsSomewhere(work: Work): work is "install" | "change" | "upgrade" {
  return work === "install" || work === "change" || work === "upgrade";
}
