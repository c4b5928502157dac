/** How well a password would stand up to guessing: a hint, not a rule. The one rule is the appliance's own length. */

export const PASSWORD_MIN_BYTES = 8;

export type Strength = "short" | "weak" | "fair" | "strong";

const FAIR_BITS = 45;
const STRONG_BITS = 65;
const KINDS: readonly (readonly [RegExp, number])[] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/\d/, 10],
  [/[^a-zA-Z\d]/, 32],
];

export function isLongEnough(password: string): boolean {
  return new TextEncoder().encode(password).length >= PASSWORD_MIN_BYTES;
}

export function strengthOf(password: string): Strength {
  if (!isLongEnough(password)) {
    return "short";
  }
  const alphabet = KINDS.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0);
  const bits = unpredictableLength(password) * Math.log2(alphabet);
  if (bits < FAIR_BITS) {
    return "weak";
  }
  return bits < STRONG_BITS ? "fair" : "strong";
}

/** The length without what merely continues: repeated characters, and runs such as `abc` and `321`. */
function unpredictableLength(password: string): number {
  const codes = Array.from(password, (character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return 1 + steps.filter((step, index) => Math.abs(step) > 1 || step !== (steps[index - 1] ?? step)).length;
}
