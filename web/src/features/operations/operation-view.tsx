import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { ErrorText } from "@/components/state";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "@/session/session";
import { Failure } from "./failure";
import type { Progress } from "./progress";
import { Steps } from "./steps";
import type { OperationHandle } from "./use-operation";
import { Warnings, warningsOf } from "./warnings";
import type { Work } from "./work";

interface OperationViewProps {
  work: Work;
  name: string;
  handle: OperationHandle;
  /** What to do after a failure, besides closing. */
  again?: ReactNode;
  /** Shown in the end, in place of the plain panel that says that it worked. */
  done?: ReactNode;
  onClose: () => void;
}

/** The panels of a dialog from the moment that an operation has begun. */
export function OperationView({ work, name, handle, again, done, onClose }: OperationViewProps) {
  const { progress } = handle;
  switch (progress.phase) {
    case "running":
      return <RunningPanel work={work} name={name} progress={progress} stop={handle.stop} onClose={onClose} />;
    case "cancelled":
      return <CancelledPanel name={name} again={again} onClose={onClose} />;
    case "failed":
      return <FailedPanel work={work} name={name} failure={progress} again={again} onClose={onClose} />;
    case "succeeded":
      return done ?? <DonePanel work={work} name={name} warnings={warningsOf(progress.operation)} onClose={onClose} />;
    default:
      return null;
  }
}

interface RunningPanelProps {
  work: Work;
  name: string;
  progress: Extract<Progress, { phase: "running" }>;
  stop: () => void;
  onClose: () => void;
}

function RunningPanel({ work, name, progress, stop, onClose }: RunningPanelProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const { operation, stopping, refusal } = progress;
  return (
    <DialogPanel
      title={t(`operation.${work}.running`, { name })}
      description={stopping ? t("progress.cancelling_description") : t("progress.description")}
      footer={
        <>
          {session?.admin && operation && (
            <Button variant="ghost" className="text-bad hover:bg-bad-soft" busy={stopping} onClick={stop}>
              {stopping ? t("progress.cancelling") : t("progress.cancel")}
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
  return <DialogPanel title={t("cancelled.title", { name })} description={t("cancelled.description")} footer={<Ends again={again} onClose={onClose} />} />;
}

interface FailedPanelProps {
  work: Work;
  name: string;
  failure: Extract<Progress, { phase: "failed" }>;
  again: ReactNode;
  onClose: () => void;
}

function FailedPanel({ work, name, failure, again, onClose }: FailedPanelProps) {
  const { t } = useI18n();
  return (
    <DialogPanel
      title={t(`operation.${work}.failed`, { name })}
      description={failure.left ? t("failed.left_description") : t(`operation.${work}.undone`)}
      footer={<Ends again={again} onClose={onClose} />}
    >
      <Failure error={failure.error} />
    </DialogPanel>
  );
}

function DonePanel({ work, name, warnings, onClose }: { work: Work; name: string; warnings: readonly string[]; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <DialogPanel title={t(`operation.${work}.done`, { name })} description={t(`operation.${work}.done_text`)} footer={<Ends again={null} onClose={onClose} />}>
      <Warnings texts={warnings} />
    </DialogPanel>
  );
}

function Ends({ again, onClose }: { again: ReactNode; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <>
      {again}
      <Button onClick={onClose}>{t("action.close")}</Button>
    </>
  );
}
