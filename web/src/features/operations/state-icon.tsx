import { CircleAlert, CircleCheckBig, RotateCcw } from "lucide-react";
import { Spinner } from "@/components/ui/spinner";

/** The state of a running task as an icon, hidden from screen readers. */
export function StateIcon({ state }: { state: "running" | "succeeded" | "cancelled" | "failed" }) {
  switch (state) {
    case "succeeded":
      return <CircleCheckBig aria-hidden className="size-5 shrink-0 text-good" />;
    case "cancelled":
      return <RotateCcw aria-hidden className="size-5 shrink-0 text-warn" />;
    case "failed":
      return <CircleAlert aria-hidden className="size-5 shrink-0 text-bad" />;
    default:
      return <Spinner className="size-5 shrink-0 text-primary" />;
  }
}
