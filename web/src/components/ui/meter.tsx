import { classes } from "./classes";

export type MeterTone = "plain" | "warn" | "bad";

const FILLS: Readonly<Record<MeterTone, string>> = { plain: "bg-primary", warn: "bg-accent", bad: "bg-bad" };

interface MeterProps {
  label: string;
  /** In words: how much of how much. */
  text: string;
  /** From 0 to 1, or more if the limit is exceeded. */
  share: number;
  tone?: MeterTone;
  className?: string;
}

/** How much of something is used, as a bar. What the colour says must be said in words beside it. */
export function Meter({ label, text, share, tone = "plain", className }: MeterProps) {
  const percent = Math.min(100, Math.max(0, 100 * share));
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={text}
      className={classes("h-2 overflow-hidden rounded-full bg-line", className)}
    >
      <div className={classes("h-full rounded-full", FILLS[tone])} style={{ width: `${percent}%` }} />
    </div>
  );
}
