import type { ComponentProps } from "react";
import { classes } from "./classes";

interface FileInputProps extends Omit<ComponentProps<"input">, "type" | "value" | "onChange"> {
  file: File | null;
  onChange: (file: File | null) => void;
  /** The text of the button. */
  choose: string;
  /** Shown while no file is chosen. */
  none: string;
}

/** Choose or drop a file. The file is kept outside of the browser's own field, which loses it when it is rendered again. */
export function FileInput({ file, onChange, choose, none, className, ...rest }: FileInputProps) {
  return (
    <div
      className={classes(
        "relative flex min-h-11 items-center gap-3 rounded-lg border border-line-strong bg-card p-1.5 text-sm",
        "has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus has-aria-invalid:border-bad has-aria-invalid:ring-1 has-aria-invalid:ring-bad",
        className,
      )}
    >
      <span aria-hidden className="shrink-0 rounded-md bg-subtle px-3 py-1.5 font-medium">
        {choose}
      </span>
      <span className={classes("min-w-0 truncate pe-2", !file && "text-muted")}>{file?.name ?? none}</span>
      <input type="file" className="absolute inset-0 size-full cursor-pointer opacity-0" onChange={(event) => onChange(event.target.files?.[0] ?? null)} {...rest} />
    </div>
  );
}
