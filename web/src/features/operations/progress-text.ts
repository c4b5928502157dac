import type { OperationStep } from "@/api/types";
import type { Translate } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";

/** The done share of a step, from 0 to 1; null while the total is unknown. */
export function shareOf({ done, total }: OperationStep): number | null {
  return total ? Math.min(1, (done ?? 0) / total) : null;
}

/** The same in words: a percentage and the amounts. Empty while the total is unknown. */
export function progressText(t: Translate, locale: string, step: OperationStep): string {
  const share = shareOf(step);
  if (share === null) {
    return "";
  }
  const amount = (value: number) => (step.unit === "bytes" ? sizeText(value, locale) : new Intl.NumberFormat(locale).format(value));
  const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(share);
  return t("progress.amount", { percent, done: amount(step.done ?? 0), total: amount(step.total ?? 0) });
}
