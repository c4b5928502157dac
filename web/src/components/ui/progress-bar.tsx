import { classes } from "./classes";

interface ProgressBarProps {
  label: string;
  /** From 0 to 1; null while it is unknown. */
  share: number | null;
  className?: string;
}

/** A progress bar. */
export function ProgressBar({ label, share, className }: ProgressBarProps) {
  const percent = share === null ? undefined : Math.round(100 * share);
  return (
    <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} className={classes("h-2 overflow-hidden rounded-full bg-line", className)}>
      <div
        className={classes("h-full rounded-full bg-primary", share === null ? "w-1/3 motion-safe:animate-pulse" : "transition-[width] duration-200")}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
