import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { classes } from "./classes";

/** The browser's own select, which phones show in their usual way. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <div className={classes("relative", className)}>
      <select
        className="block min-h-11 w-full appearance-none rounded-lg border border-line-strong bg-card ps-3 pe-9 text-base text-ink aria-invalid:border-bad aria-invalid:ring-1 aria-invalid:ring-bad sm:text-sm"
        {...rest}
      >
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute inset-y-0 end-3 my-auto size-4 text-muted" />
    </div>
  );
}
