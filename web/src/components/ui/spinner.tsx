import { LoaderCircle } from "lucide-react";
import { classes } from "./classes";

/** A turning circle for the eye only; whoever shows it says in words what is going on. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={classes("size-4 animate-spin", className)} />;
}
