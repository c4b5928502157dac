import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { classes } from "./classes";
import { Spinner } from "./spinner";

const look = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors disabled:pointer-events-none disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-primary text-on-primary shadow-xs hover:bg-primary-hover",
        secondary: "bg-subtle text-ink hover:bg-line",
        soft: "bg-info-soft text-primary hover:bg-primary hover:text-on-primary",
        outline: "border border-line bg-card text-ink shadow-xs hover:bg-subtle",
        ghost: "text-ink hover:bg-subtle",
        danger: "bg-bad text-on-bad shadow-xs hover:bg-bad-hover",
      },
      size: {
        medium: "min-h-10 px-4 text-sm",
        large: "min-h-12 px-5 text-base",
        small: "min-h-8 px-3 text-sm",
        icon: "size-10",
      },
    },
    defaultVariants: { variant: "primary", size: "medium" },
  },
);

interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof look> {
  /** Be the one child, which is a link for example, instead of a button. */
  asChild?: boolean;
  busy?: boolean;
}

export function Button({ className, variant, size, asChild = false, busy = false, children, disabled, type = "button", ...rest }: ButtonProps) {
  const style = classes(look({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={style} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    // oxlint-disable-next-line react/button-has-type -- the type is a button by default
    <button type={type} className={style} disabled={disabled === true || busy} aria-busy={busy || undefined} {...rest}>
      {busy && <Spinner />}
      {children}
    </button>
  );
}
