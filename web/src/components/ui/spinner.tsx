import { LoaderCircle } from "lucide-react";
import { classes } from "./classes";

/** A spinner. It is hidden from screen readers, so a text beside it must say what is going on. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={classes("size-4 animate-spin", className)} />;
}
