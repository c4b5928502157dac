/** Amounts of bytes for people. Units are those of the manifests: an MB has 1024 times 1024 bytes. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const STEP = 1024;

/** An amount of bytes in the largest unit that leaves at least 1 of it, with three digits at most: `1.5 GB`. */
export function sizeText(bytes: number, locale: string): string {
  let power = 0;
  while (Math.round(bytes / STEP ** power) >= STEP && power < UNITS.length - 1) power += 1;
  const unitDisplay = power === 0 ? "long" : "short"; // the short form of a byte has no plural
  const precision = { maximumSignificantDigits: 3, maximumFractionDigits: 0, roundingPriority: "morePrecision" } as const;
  return new Intl.NumberFormat(locale, { style: "unit", unit: UNITS[power] ?? "byte", unitDisplay, ...precision }).format(bytes / STEP ** power);
}

const WRITTEN = /^(\d+)\s*(k|m|g|t|)b?$/i;
const POWERS: Readonly<Record<string, number>> = { "": 0, k: 1, m: 2, g: 3, t: 4 };

/** The bytes of an amount as manifests write it, such as `64mb`. Null for anything else, such as a placeholder. */
export function bytesOf(written: string | undefined): number | null {
  const [, amount, prefix] = WRITTEN.exec(written ?? "") ?? [];
  return amount === undefined ? null : Number(amount) * STEP ** (POWERS[prefix?.toLowerCase() ?? ""] ?? 0);
}
