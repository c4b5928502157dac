import { Check, Circle, RotateCcw, X } from "lucide-react";
import type { Operation, OperationStep, StepState } from "@/api/types";
import { classes } from "@/components/ui/classes";
import { Spinner } from "@/components/ui/spinner";
import type { Key } from "@/i18n/catalogue";
import { type Translate, useI18n } from "@/i18n/i18n";

/** The texts of steps; a step that is not here goes by its own name. */
const TEXTS: Readonly<Partial<Record<string, Extract<Key, `step.${"install" | "uninstall"}.${string}`>>>> = {
  "install.pull": "step.install.pull",
  "install.volumes": "step.install.volumes",
  "install.stop": "step.install.stop",
  "install.record": "step.install.record",
  "install.network": "step.install.network",
  "install.unit": "step.install.unit",
  "install.start": "step.install.start",
  "install.finish": "step.install.finish",
  "uninstall.stop": "step.uninstall.stop",
  "uninstall.unit": "step.uninstall.unit",
  "uninstall.network": "step.uninstall.network",
  "uninstall.volumes": "step.uninstall.volumes",
  "uninstall.record": "step.uninstall.record",
};

export function stepText(t: Translate, kind: string, name: string): string {
  const key = TEXTS[`${kind}.${name}`];
  return key ? t(key) : name;
}

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
  const { t } = useI18n();
  const waiting = step.state === "pending";
  return (
    <li className="flex items-start gap-3 py-1.5 text-sm" aria-current={step.state === "running" ? "step" : undefined}>
      <StepIcon state={step.state} />
      <span className={classes("min-w-0 flex-1", waiting && "text-muted", step.state === "running" && "font-medium")}>
        {stepText(t, kind, step.name)}
        <span className="sr-only">: {t(`step.${step.state}`)}</span>
        {step.state === "running" && <StepBar step={step} />}
      </span>
      {step.state === "running" && step.total !== null && step.total > 0 && (
        <span className="text-muted tabular-nums">{t("progress.counted", { done: step.done ?? 0, total: step.total })}</span>
      )}
    </li>
  );
}

function StepBar({ step }: { step: OperationStep }) {
  if (step.total === null || step.total === 0) {
    return null;
  }
  const percent = Math.min(100, Math.round((100 * (step.done ?? 0)) / step.total));
  return (
    <span aria-hidden className="mt-2 block h-1.5 overflow-hidden rounded-full bg-line">
      <span className="block h-full rounded-full bg-primary transition-[width] duration-300" style={{ width: `${percent}%` }} />
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
