/** Durations for people. */

const UNITS = [
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** A duration in hours or minutes where that is a whole number of them and more than one, else in seconds. */
export function durationText(seconds: number, locale: string): string {
  const [unit, length] = UNITS.find(([, each]) => seconds >= 2 * each && seconds % each === 0) ?? (["second", 1] as const);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(seconds / length);
}
