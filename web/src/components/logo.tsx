import { classes } from "./ui/classes";

/** The mark of Town OS: three houses, the one in the middle lit. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={classes("size-8 shrink-0", className)}>
      <rect width="32" height="32" rx="8" fill="#14595a" />
      <path d="M5 25V17.5L9.5 13l4.5 4.5V25z" fill="#f4efe4" />
      <path d="M18 25v-7.5L22.5 13l4.5 4.5V25z" fill="#f4efe4" />
      <path d="M11 25V13l5-6 5 6v12z" fill="#f2b441" />
      <path d="M14.25 25v-4.75a1.75 1.75 0 0 1 3.5 0V25z" fill="#14595a" />
      <circle cx="16" cy="14" r="1.5" fill="#14595a" />
    </svg>
  );
}
