import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { ErrorText } from "@/components/state";
import { useI18n } from "@/i18n/i18n";
import type { ApiMessage } from "@/i18n/message";
import { useSession } from "@/session/session";
import { Failure } from "./failure";
import type { Progress } from "./progress";
import { Steps } from "./steps";
import type { OperationHandle } from "./use-operation";
import { Warnings, warningsOf } from "./warnings";
import type { OperationAction } from "./action";

interface OperationViewProps {
  action: OperationAction;
  name: string;
  handle: OperationHandle;
  /** What to do after a failure, besides closing. */
  again?: ReactNode;
  /** Shown after success in place of the plain panel. */
  done?: ReactNode;
  onClose: () => void;
}

/** The panels of a dialog once an operation has started. */
export function OperationView({ action, name, handle, again, done, onClose }: OperationViewProps) {
  const { progress } = handle;
  switch (progress.phase) {
    case "running":
      return <RunningPanel action={action} name={name} progress={progress} cancel={handle.cancel} onClose={onClose} />;
    case "cancelled":
      return <CancelledPanel name={name} again={again} onClose={onClose} />;
    case "failed":
      return <FailedPanel action={action} name={name} failure={progress} again={again} onClose={onClose} />;
    case "succeeded":
      return done ?? <DonePanel action={action} name={name} warnings={warningsOf(progress.operation)} onClose={onClose} />;
    default:
      return null;
  }
}

interface RunningPanelProps {
  action: OperationAction;
  name: string;
  progress: Extract<Progress, { phase: "running" }>;
  cancel: () => void;
  onClose: () => void;
}

function RunningPanel({ action, name, progress, cancel, onClose }: RunningPanelProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const { operation, cancelling, refusal } = progress;
  return (
    <DialogPanel
      title={t(`operation.${action}.running`, { name })}
      description={cancelling ? t("progress.cancelling_description") : t("progress.description")}
      footer={
        <>
          {session?.admin && operation && (
            <Button variant="ghost" className="text-bad hover:bg-bad-soft" busy={cancelling} onClick={cancel}>
              {cancelling ? t("progress.cancelling") : t("progress.cancel")}
            </Button>
          )}
          <Button variant="outline" onClick={onClose}>
            {t("progress.background")}
          </Button>
        </>
      }
    >
      {refusal && (
        <Notice tone="warn" title={t("progress.not_cancelled")} className="mb-4">
          <ErrorText error={refusal} />
        </Notice>
      )}
      <Steps operation={operation} />
    </DialogPanel>
  );
}

function CancelledPanel({ name, again, onClose }: { name: string; again: ReactNode; onClose: () => void }) {
  const { t } = useI18n();
  return <DialogPanel title={t("cancelled.title", { name })} description={t("cancelled.description")} footer={<EndButtons again={again} onClose={onClose} />} />;
}

interface FailedPanelProps {
  action: OperationAction;
  name: string;
  failure: Extract<Progress, { phase: "failed" }>;
  again: ReactNode;
  onClose: () => void;
}

function FailedPanel({ action, name, failure, again, onClose }: FailedPanelProps) {
  const { t } = useI18n();
  return (
    <DialogPanel
      title={t(`operation.${action}.failed`, { name })}
      description={failure.incomplete ? t("failed.incomplete_description") : t(`operation.${action}.undone`)}
      footer={<EndButtons again={again} onClose={onClose} />}
    >
      <Failure error={failure.error} />
    </DialogPanel>
  );
}

function DonePanel({ action, name, warnings, onClose }: { action: OperationAction; name: string; warnings: readonly ApiMessage[]; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <DialogPanel title={t(`operation.${action}.done`, { name })} description={t(`operation.${action}.done_text`)} footer={<EndButtons again={null} onClose={onClose} />}>
      <Warnings warnings={warnings} />
    </DialogPanel>
  );
}

function EndButtons({ again, onClose }: { again: ReactNode; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <>
      {again}
      <Button onClick={onClose}>{t("action.close")}</Button>
    </>
  );
}
