import type { Operation } from "@/api/types";
import { ErrorText } from "@/components/state";
import { Button } from "@/components/ui/button";
import { hasEnded, type Refusal, useOperations } from "@/features/operations/operations";
import { progressText } from "@/features/operations/progress-text";
import { StateIcon } from "@/features/operations/state-icon";
import { stepText } from "@/features/operations/step-text";
import { TrayEntry } from "@/features/operations/tray-entry";
import { actionOf } from "@/features/operations/action";
import { TransferEntry } from "@/features/transfers/transfer-entry";
import { useTransfers } from "@/features/transfers/transfers";
import { type Translate, useI18n } from "@/i18n/i18n";
import { useDialogs } from "./dialogs";

/** The running tasks, and the ended ones whose end nobody has seen. Shown on every page. */
export function OperationTray() {
  const { t } = useI18n();
  const { byId, seen, refusals } = useOperations();
  const transfers = useTransfers().byId;
  const operations = Array.from(byId.values()).filter(({ id }) => !seen.has(id) && !transfers.has(id));
  const refused = refusals.filter(({ id }) => !seen.has(id) && !byId.has(id));
  if (!operations.length && !refused.length && !transfers.size) {
    return null;
  }
  return (
    <section
      aria-label={t("tray.label")}
      className="fixed inset-x-3 bottom-[calc(4.75rem+env(safe-area-inset-bottom))] z-20 flex max-h-60 flex-col gap-2 overflow-y-auto sm:start-auto sm:w-96 md:bottom-4"
    >
      {Array.from(transfers.keys(), (id) => (
        <TransferEntry key={id} id={id} />
      ))}
      {operations.map((operation) => (
        <OperationEntry key={operation.id} operation={operation} />
      ))}
      {refused.map((refusal) => (
        <RefusalEntry key={refusal.id} refusal={refusal} />
      ))}
    </section>
  );
}

function OperationEntry({ operation }: { operation: Operation }) {
  const { t, locale } = useI18n();
  const open = useDialogs();
  const { see } = useOperations();
  const what = headline(t, operation);
  const step = operation.steps.find(({ state }) => state === "running");
  return (
    <TrayEntry
      icon={<StateIcon state={iconOf(operation)} />}
      what={what}
      more={step && [stepText(t, operation.kind, step.name), progressText(t, locale, step)].filter(Boolean).join(" · ")}
      onDismiss={hasEnded(operation) ? () => see(operation.id) : null}
    >
      <Button variant="ghost" size="small" aria-label={t("tray.show_name", { what })} onClick={() => open({ what: "watch", operation })}>
        {t("tray.show")}
      </Button>
    </TrayEntry>
  );
}

function RefusalEntry({ refusal: { id, action, name, error } }: { refusal: Refusal }) {
  const { t } = useI18n();
  const { see } = useOperations();
  return <TrayEntry icon={<StateIcon state="failed" />} what={t(`operation.${action}.failed`, { name })} more={<ErrorText error={error} />} onDismiss={() => see(id)} />;
}

function headline(t: Translate, operation: Operation): string {
  const action = actionOf(operation);
  const { name, state } = operation;
  switch (state) {
    case "succeeded":
      return t(`operation.${action}.done`, { name });
    case "cancelled":
      return t("cancelled.title", { name });
    case "failed":
    case "undone":
      return t(`operation.${action}.failed`, { name });
    default:
      return t(`operation.${action}.running`, { name });
  }
}

function iconOf({ state }: Operation) {
  switch (state) {
    case "succeeded":
    case "cancelled":
      return state;
    case "failed":
    case "undone":
      return "failed";
    default:
      return "running";
  }
}
