import type { ComponentProps } from "react";
import { classes } from "./classes";

export function Input({ className, type = "text", ...rest }: ComponentProps<"input">) {
  return (
    <input
      type={type}
      className={classes(
        "block min-h-11 w-full min-w-0 rounded-lg border border-line-strong bg-card px-3 text-base text-ink placeholder:text-muted sm:text-sm",
        "aria-invalid:border-bad aria-invalid:ring-1 aria-invalid:ring-bad disabled:opacity-60",
        className,
      )}
      {...rest}
    />
  );
}
