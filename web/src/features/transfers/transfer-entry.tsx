import { ErrorText } from "@/components/state";
import { Button } from "@/components/ui/button";
import { StateIcon } from "@/features/operations/state-icon";
import { TrayEntry } from "@/features/operations/tray-entry";
import { type Translate, useI18n } from "@/i18n/i18n";
import { transferText } from "./transfer-text";
import { isOver, type Outcome, type Transfer } from "./transfer";
import { useTransfer, useTransfers } from "./transfers";

const ICONS = { running: "running", merging: "running", succeeded: "succeeded", cancelled: "cancelled", unsaved: "failed", failed: "failed" } as const;

/** A transfer among the running tasks. */
export function TransferEntry({ id }: { id: string }) {
  const { t, locale } = useI18n();
  const { cancel, forget } = useTransfers();
  const found = useTransfer(id);
  if (!found) {
    return null;
  }
  const { transfer, outcome } = found;
  const what = headline(t, transfer, outcome);
  const over = isOver(outcome);
  return (
    <TrayEntry
      icon={<StateIcon state={ICONS[outcome.phase]} />}
      what={what}
      more={outcome.phase === "running" ? transferText(t, locale, transfer) : <Reason transfer={transfer} outcome={outcome} />}
      onDismiss={over ? () => forget(id) : null}
    >
      {!over && (
        <Button variant="ghost" size="small" aria-label={t("transfer.cancel_name", { what })} onClick={() => cancel(id)}>
          {t("action.cancel")}
        </Button>
      )}
    </TrayEntry>
  );
}

function Reason({ transfer: { direction }, outcome }: { transfer: Transfer; outcome: Outcome }) {
  const { t } = useI18n();
  if (outcome.phase === "unsaved") {
    return t("download.unsaved");
  }
  return outcome.phase === "failed" ? outcome.error.offline ? t(`${direction}.connection_lost`) : <ErrorText error={outcome.error} /> : null;
}

function headline(t: Translate, { direction, name }: Transfer, { phase }: Outcome): string {
  switch (phase) {
    case "running":
      return t(`${direction}.running`, { name });
    case "merging":
      return t("upload.merging", { name });
    case "succeeded":
      return t(`${direction}.done`, { name });
    case "cancelled":
      return t(`${direction}.cancelled`);
    case "unsaved":
    case "failed":
      return t(`${direction}.failed`, { name });
  }
}
