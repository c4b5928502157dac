/** Amounts of storage as answers: `2gb`. */

export const UNITS = ["mb", "gb", "tb"] as const;
export type Unit = (typeof UNITS)[number];

export interface Amount {
  /** As it was typed; empty for no answer. */
  digits: string;
  unit: Unit;
}

const WRITTEN = /^(.*?)\s*(mb|gb|tb)\s*$/i;

export const NO_AMOUNT: Amount = { digits: "", unit: "gb" };

/** The parts of an answer, whether the first is a number or not; null for an answer without a unit, such as plain bytes. */
export function amountOf(answer: string): Amount | null {
  if (answer === "") {
    return NO_AMOUNT;
  }
  const [, digits, unit] = WRITTEN.exec(answer) ?? [];
  return digits === undefined ? null : { digits, unit: unit?.toLowerCase() as Unit };
}

/** The answer with these parts; without an amount there is none, whatever the unit. */
export function answerOf({ digits, unit }: Amount): string {
  return digits.trim() && digits.trim() + unit;
}
