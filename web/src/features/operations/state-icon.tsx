import { CircleAlert, CircleCheckBig, RotateCcw } from "lucide-react";
import { Spinner } from "@/components/ui/spinner";

/** How something in the background stands, for the eye only. */
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
