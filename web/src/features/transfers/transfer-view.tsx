import { type ReactNode, useEffect } from "react";
import { ErrorText } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { ProgressBar } from "@/components/ui/progress-bar";
import { Failure } from "@/features/operations/failure";
import { Steps } from "@/features/operations/steps";
import { useI18n } from "@/i18n/i18n";
import { transferText, shareOf } from "./transfer-text";
import { type Direction, isOver, type Outcome, type Transfer } from "./transfer";
import { useTransfers } from "./transfers";

interface TransferViewProps {
  transfer: Transfer;
  outcome: Outcome;
  /** Goes back to the form after a failure. */
  onBack: () => void;
  onClose: () => void;
}

/** The panels of a dialog once a transfer has started. */
export function TransferView({ transfer, outcome, onBack, onClose }: TransferViewProps) {
  const { t } = useI18n();
  const { forget } = useTransfers();
  const { id, direction, name } = transfer;
  const over = isOver(outcome);
  // Its end has been seen here, so nobody has to be told of it any more once this is closed.
  useEffect(() => (over ? () => forget(id) : undefined), [over, id, forget]);
  switch (outcome.phase) {
    case "running":
      return <RunningPanel transfer={transfer} onClose={onClose} />;
    case "merging":
      return <MergingPanel transfer={transfer} outcome={outcome} onClose={onClose} />;
    case "succeeded":
      return <EndPanel title={t(`${direction}.done`, { name })} description={t(`${direction}.done_text`)} onClose={onClose} />;
    case "cancelled":
      return <EndPanel title={t(`${direction}.cancelled`)} description={t(`${direction}.cancelled_text`)} onBack={onBack} onClose={onClose} />;
    case "unsaved":
    case "failed":
      return (
        <EndPanel title={t(`${direction}.failed`, { name })} description={t(`${direction}.failed_text`)} onBack={onBack} onClose={onClose}>
          <FailureReason direction={direction} outcome={outcome} />
        </EndPanel>
      );
  }
}

interface FailureReasonProps {
  direction: Direction;
  outcome: Extract<Outcome, { phase: "unsaved" | "failed" }>;
}

function FailureReason({ direction, outcome }: FailureReasonProps) {
  const { t } = useI18n();
  if (outcome.phase === "failed" && !outcome.error.offline) {
    return <Failure error={outcome.error} />;
  }
  return <Notice tone="bad">{outcome.phase === "unsaved" ? t("download.unsaved") : t(`${direction}.connection_lost`)}</Notice>;
}

function RunningPanel({ transfer, onClose }: { transfer: Transfer; onClose: () => void }) {
  const { t, locale } = useI18n();
  const { direction, name, fileName } = transfer;
  return (
    <DialogPanel title={t(`${direction}.running`, { name })} description={t("transfer.description")} footer={<RunningButtons transfer={transfer} busy={false} onClose={onClose} />}>
      <p className="mb-2 text-sm font-medium break-all">{fileName}</p>
      <ProgressBar label={t(`${direction}.running`, { name })} share={shareOf(transfer)} />
      <p className="mt-2 text-sm text-muted tabular-nums">{transferText(t, locale, transfer)}</p>
    </DialogPanel>
  );
}

interface MergingPanelProps {
  transfer: Transfer;
  outcome: Extract<Outcome, { phase: "merging" }>;
  onClose: () => void;
}

function MergingPanel({ transfer, outcome: { operation, cancelling }, onClose }: MergingPanelProps) {
  const { t } = useI18n();
  return (
    <DialogPanel
      title={t("upload.merging", { name: transfer.name })}
      description={cancelling ? t("progress.cancelling_description") : t("upload.merging_text")}
      footer={<RunningButtons transfer={transfer} busy={cancelling} onClose={onClose} />}
    >
      {transfer.refusal && (
        <Notice tone="warn" title={t("progress.not_cancelled")} className="mb-4">
          <ErrorText error={transfer.refusal} />
        </Notice>
      )}
      {operation ? <Steps operation={operation} /> : <ProgressBar label={t("upload.checking")} share={null} />}
      {!operation && <p className="mt-2 text-sm text-muted">{t("upload.checking")}</p>}
    </DialogPanel>
  );
}

/** The buttons while a transfer is running. */
function RunningButtons({ transfer: { id }, busy, onClose }: { transfer: Transfer; busy: boolean; onClose: () => void }) {
  const { t } = useI18n();
  const { cancel } = useTransfers();
  return (
    <>
      <Button variant="ghost" className="text-bad hover:bg-bad-soft" busy={busy} onClick={() => cancel(id)}>
        {busy ? t("progress.cancelling") : t("action.cancel")}
      </Button>
      <Button variant="outline" onClick={onClose}>
        {t("progress.background")}
      </Button>
    </>
  );
}

interface EndPanelProps {
  title: string;
  description: string;
  onBack?: () => void;
  onClose: () => void;
  children?: ReactNode;
}

function EndPanel({ title, description, onBack, onClose, children }: EndPanelProps) {
  const { t } = useI18n();
  return (
    <DialogPanel
      title={title}
      description={description}
      footer={
        <>
          {onBack && (
            <Button variant="outline" onClick={onBack}>
              {t("transfer.back")}
            </Button>
          )}
          <Button onClick={onClose}>{t("action.close")}</Button>
        </>
      }
    >
      {children}
    </DialogPanel>
  );
}
