import { useState } from "react";
import type { PostPath } from "@/api/client";
import type { PackageIdentity } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { useI18n } from "@/i18n/i18n";
import { installedIdentity, type Subject } from "../subject";
import { DataToDelete } from "./data-to-delete";

/** What needs only a confirmation, and no form. */
export type Task = "disable" | "enable" | "rebuild" | "purge" | "purge-kept";

const PATHS = {
  disable: "/packages/disable",
  enable: "/packages/enable",
  rebuild: "/packages/rebuild-git",
  purge: "/packages/purge-volumes",
  "purge-kept": "/packages/purge-uninstalled-volumes",
} as const satisfies Readonly<Record<Task, PostPath>>;

interface TaskDialogProps {
  task: Task;
  subject: Subject;
  onClose: () => void;
}

/** Asks for confirmation, runs the task, and shows its result. */
export function TaskDialog(props: TaskDialogProps) {
  return (
    <DialogFrame onClose={props.onClose}>
      <TaskView {...props} />
    </DialogFrame>
  );
}

function TaskView({ task, subject, onClose }: TaskDialogProps) {
  const { t } = useI18n();
  const handle = useOperation(subject.name, task);
  const identity = installedIdentity(subject);
  const start = () => handle.start(PATHS[task], { ...identity });
  if (handle.progress.phase === "idle") {
    return <Confirmation task={task} identity={identity} onConfirm={start} onClose={onClose} />;
  }
  const again = (
    <Button variant="outline" onClick={start}>
      {t("action.retry")}
    </Button>
  );
  return <OperationView action={task} name={subject.name} handle={handle} again={again} onClose={onClose} />;
}

interface ConfirmationProps {
  task: Task;
  identity: PackageIdentity;
  onConfirm: () => void;
  onClose: () => void;
}

function Confirmation({ task, identity, onConfirm, onClose }: ConfirmationProps) {
  const { t } = useI18n();
  const [understood, setUnderstood] = useState(false);
  const deletesData = task === "purge" || task === "purge-kept";
  const { name } = identity;
  return (
    <DialogPanel
      title={t(`task.${task}_title`, { name })}
      description={t(`task.${task}_text`)}
      footer={
        <>
          <Button variant="outline" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button variant={deletesData ? "danger" : "primary"} disabled={deletesData && !understood} onClick={onConfirm}>
            {t(`task.${task}_submit`)}
          </Button>
        </>
      }
    >
      {deletesData && (
        <div className="flex flex-col gap-4">
          <DataToDelete identity={identity} installedToo={task === "purge"} />
          <Checkbox checked={understood} onChange={setUnderstood}>
            {t("task.understood")}
          </Checkbox>
        </div>
      )}
    </DialogPanel>
  );
}
