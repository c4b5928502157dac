import { CircleAlert, CircleCheckBig, RotateCcw, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Operation, OperationState } from "@/api/types";
import { ErrorText } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { hasEnded, type Refusal, useOperations } from "@/features/operations/operations";
import { progressText } from "@/features/operations/progress-text";
import { stepText } from "@/features/operations/step-text";
import { workOf } from "@/features/operations/work";
import { type Translate, useI18n } from "@/i18n/i18n";
import { useDialogs } from "./dialogs";

/** What goes on in the background, and how it ended if nobody has seen it end: always there, on every page. */
export function OperationTray() {
  const { t } = useI18n();
  const { byId, seen, refusals } = useOperations();
  const operations = Array.from(byId.values()).filter(({ id }) => !seen.has(id));
  const refused = refusals.filter(({ id }) => !seen.has(id) && !byId.has(id));
  if (!operations.length && !refused.length) {
    return null;
  }
  return (
    <section
      aria-label={t("tray.label")}
      className="fixed inset-x-3 bottom-[calc(4.75rem+env(safe-area-inset-bottom))] z-20 flex max-h-60 flex-col gap-2 overflow-y-auto sm:start-auto sm:w-96 md:bottom-4"
    >
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
  const what = headline(t, operation);
  const step = operation.steps.find(({ state }) => state === "running");
  return (
    <Entry
      id={operation.id}
      icon={<StateIcon state={operation.state} />}
      what={what}
      more={step && [stepText(t, operation.kind, step.name), progressText(t, locale, step)].filter(Boolean).join(" · ")}
      ended={hasEnded(operation)}
    >
      <Button variant="ghost" size="small" aria-label={t("tray.show_name", { what })} onClick={() => open({ what: "watch", operation })}>
        {t("tray.show")}
      </Button>
    </Entry>
  );
}

function RefusalEntry({ refusal: { id, work, name, error } }: { refusal: Refusal }) {
  const { t } = useI18n();
  return <Entry id={id} icon={<StateIcon state="failed" />} what={t(`work.${work}.failed`, { name })} more={<ErrorText error={error} />} ended />;
}

interface EntryProps {
  id: string;
  icon: ReactNode;
  what: string;
  more: ReactNode;
  ended: boolean;
  children?: ReactNode;
}

function Entry({ id, icon, what, more, ended, children }: EntryProps) {
  const { t } = useI18n();
  const { see } = useOperations();
  return (
    <div className="flex items-center gap-3 rounded-xl border border-line bg-card py-2 ps-4 pe-2 shadow-lg motion-safe:animate-appear">
      {icon}
      <div className="min-w-0 flex-1 text-sm">
        <p role="status" className="font-medium break-words">
          {what}
        </p>
        {more && <p className="line-clamp-2 break-words text-muted">{more}</p>}
      </div>
      {children}
      {ended && (
        <Button variant="ghost" size="icon" className="text-muted" aria-label={t("tray.dismiss", { what })} onClick={() => see(id)}>
          <X aria-hidden />
        </Button>
      )}
    </div>
  );
}

function headline(t: Translate, operation: Operation): string {
  const work = workOf(operation);
  const { name, state } = operation;
  switch (state) {
    case "succeeded":
      return t(`work.${work}.done`, { name });
    case "cancelled":
      return t("cancelled.title", { name });
    case "failed":
    case "undone":
      return t(`work.${work}.failed`, { name });
    default:
      return t(`work.${work}.running`, { name });
  }
}

function StateIcon({ state }: { state: OperationState }) {
  switch (state) {
    case "succeeded":
      return <CircleCheckBig aria-hidden className="size-5 shrink-0 text-good" />;
    case "cancelled":
      return <RotateCcw aria-hidden className="size-5 shrink-0 text-warn" />;
    case "failed":
    case "undone":
      return <CircleAlert aria-hidden className="size-5 shrink-0 text-bad" />;
    default:
      return <Spinner className="size-5 shrink-0 text-primary" />;
  }
}
