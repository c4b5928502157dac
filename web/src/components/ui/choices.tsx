import { RadioGroup } from "radix-ui";
import { type ReactNode, useId } from "react";
import { classes } from "./classes";

interface ChoicesProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  children: ReactNode;
}

/** Radio buttons, each with a sentence that explains it. */
export function Choices<Value extends string>({ label, value, onChange, children }: ChoicesProps<Value>) {
  return (
    <RadioGroup.Root value={value} onValueChange={(chosen) => onChange(chosen as Value)} aria-label={label} className="flex flex-col gap-3">
      {children}
    </RadioGroup.Root>
  );
}

interface ChoiceProps {
  value: string;
  chosen: boolean;
  title: string;
  text: string;
  /** Shown below the choice while it is selected. */
  children?: ReactNode;
}

export function Choice({ value, chosen, title, text, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className={classes("flex items-start gap-3 rounded-xl border p-4", chosen ? "border-primary bg-info-soft" : "border-line")}>
      <RadioGroup.Item
        id={id}
        value={value}
        aria-describedby={`${id}-text`}
        className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border border-line-strong bg-card data-[state=checked]:border-primary"
      >
        <RadioGroup.Indicator className="size-2.5 rounded-full bg-primary" />
      </RadioGroup.Item>
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="block cursor-pointer font-medium">
          {title}
        </label>
        <p id={`${id}-text`} className="mt-0.5 text-sm text-muted">
          {text}
        </p>
        {chosen && children && <div className="mt-3">{children}</div>}
      </div>
    </div>
  );
}
