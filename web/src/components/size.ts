/** Amounts of bytes as people type them: a number, and a unit. */

export const SIZE_UNITS = ["byte", "megabyte", "gigabyte", "terabyte"] as const;
export type SizeUnit = (typeof SIZE_UNITS)[number];

export interface Size {
  /** As it was typed. */
  digits: string;
  unit: SizeUnit;
}

const BYTES: Readonly<Record<SizeUnit, number>> = { byte: 1, megabyte: 1024 ** 2, gigabyte: 1024 ** 3, terabyte: 1024 ** 4 };
const NUMBER = /^\d+([.,]\d+)?$/;
const DECIMALS = 2;

/** The amount in the largest unit in which it has two decimals at most: 1073741824 bytes are 1 GB. */
export function sizeOf(bytes: number): Size {
  if (bytes === 0) {
    return { digits: "0", unit: "gigabyte" };
  }
  const within = (unit: SizeUnit): Size => ({ digits: String(Number((bytes / BYTES[unit]).toFixed(DECIMALS))), unit });
  const fits = (unit: SizeUnit) => bytes >= BYTES[unit] && bytesOfSize(within(unit)) === bytes;
  return within(SIZE_UNITS.toReversed().find(fits) ?? "byte");
}

/** The typed amount in bytes; null if it is not valid. */
export function bytesOfSize({ digits, unit }: Size): number | null {
  const written = digits.trim();
  const bytes = NUMBER.test(written) ? Math.round(Number(written.replace(",", ".")) * BYTES[unit]) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : null;
}
