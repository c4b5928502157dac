import { Toggle as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface ToggleProps {
  pressed: boolean;
  disabled?: boolean;
  onChange: (pressed: boolean) => void;
  children: ReactNode;
}

/** A button that is on or off. */
export function Toggle({ pressed, disabled = false, onChange, children }: ToggleProps) {
  return (
    <Radix.Root
      pressed={pressed}
      disabled={disabled}
      onPressedChange={onChange}
      className="inline-flex min-h-10 items-center gap-2 rounded-lg border border-line bg-card px-4 text-sm font-medium shadow-xs hover:bg-subtle disabled:opacity-55 data-[state=on]:border-primary data-[state=on]:bg-info-soft data-[state=on]:text-primary"
    >
      <span aria-hidden className="grid size-4 place-items-center rounded-full border border-current">
        {pressed && <span className="size-2 rounded-full bg-current" />}
      </span>
      {children}
    </Radix.Root>
  );
}
