import { Check, Circle, RotateCcw, X } from "lucide-react";
import type { Operation, OperationStep, StepState } from "@/api/types";
import { classes } from "@/components/ui/classes";
import { Spinner } from "@/components/ui/spinner";
import { useI18n } from "@/i18n/i18n";
import { progressText, shareOf } from "./progress-text";
import { stepText } from "./step-text";
import { stepWarnings, Warnings } from "./warnings";

/** The steps of an operation, as they go. */
export function Steps({ operation }: { operation: Operation | undefined }) {
  const { t } = useI18n();
  if (!operation) {
    return (
      <p role="status" className="flex items-center gap-3 py-2 text-sm text-muted">
        <Spinner className="size-5" />
        {t("progress.waiting")}
      </p>
    );
  }
  return (
    <>
      <p className="sr-only" aria-live="polite">
        {operation.step && stepText(t, operation.kind, operation.step)}
      </p>
      <ol className="flex flex-col gap-1">
        {operation.steps.map((step) => (
          <StepRow key={step.name} kind={operation.kind} step={step} />
        ))}
      </ol>
    </>
  );
}

function StepRow({ kind, step }: { kind: string; step: OperationStep }) {
  const { t, locale } = useI18n();
  const waiting = step.state === "pending";
  const progress = step.state === "running" && progressText(t, locale, step);
  return (
    <li className="flex items-start gap-3 py-1.5 text-sm" aria-current={step.state === "running" ? "step" : undefined}>
      <StepIcon state={step.state} />
      <div className={classes("min-w-0 flex-1", waiting && "text-muted", step.state === "running" && "font-medium")}>
        {stepText(t, kind, step.name)}
        <span className="sr-only">: {t(`state_of_step.${step.state}`)}</span>
        {progress && <span className="block font-normal text-muted tabular-nums">{progress}</span>}
        {progress && <StepBar step={step} />}
        <Warnings warnings={stepWarnings(step)} className="mt-2" />
      </div>
    </li>
  );
}

function StepBar({ step }: { step: OperationStep }) {
  const share = shareOf(step);
  return (
    <span aria-hidden className="mt-1.5 block h-1.5 overflow-hidden rounded-full bg-line">
      <span className="block h-full rounded-full bg-primary transition-[width] duration-300" style={{ width: `${100 * (share ?? 0)}%` }} />
    </span>
  );
}

function StepIcon({ state }: { state: StepState }) {
  const frame = "mt-px grid size-5 shrink-0 place-items-center rounded-full";
  switch (state) {
    case "running":
      return <Spinner className="mt-px size-5 text-primary" />;
    case "succeeded":
      return (
        <span className={classes(frame, "bg-good-soft text-good")}>
          <Check aria-hidden strokeWidth={3} className="size-3" />
        </span>
      );
    case "failed":
      return (
        <span className={classes(frame, "bg-bad-soft text-bad")}>
          <X aria-hidden strokeWidth={3} className="size-3" />
        </span>
      );
    case "undoing":
    case "undone":
      return (
        <span className={classes(frame, "bg-warn-soft text-warn")}>
          <RotateCcw aria-hidden className="size-3" />
        </span>
      );
    default:
      return (
        <span className={classes(frame, "text-line-strong")}>
          <Circle aria-hidden className="size-3" />
        </span>
      );
  }
}
