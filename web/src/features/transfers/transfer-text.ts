import type { Translate } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import type { Transfer } from "./transfer";

/** The transferred share, from 0 to 1; null if the total is unknown. */
export function shareOf({ done, total }: Transfer): number | null {
  return total ? Math.min(1, done / total) : null;
}

/** The same in words: a percentage and the amounts, or only the amount so far. */
export function transferText(t: Translate, locale: string, transfer: Transfer): string {
  const share = shareOf(transfer);
  if (share === null) {
    return t("transfer.so_far", { done: sizeText(transfer.done, locale) });
  }
  const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(share);
  return t("progress.amount", { percent, done: sizeText(transfer.done, locale), total: sizeText(transfer.total ?? 0, locale) });
}
