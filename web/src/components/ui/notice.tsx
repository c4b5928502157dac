import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";

const LOOKS = {
  info: { icon: Info, style: "bg-info-soft text-primary" },
  good: { icon: CircleCheck, style: "bg-good-soft text-good" },
  warn: { icon: TriangleAlert, style: "bg-warn-soft text-warn" },
  bad: { icon: CircleAlert, style: "bg-bad-soft text-bad" },
} as const;

interface NoticeProps {
  tone: keyof typeof LOOKS;
  title?: ReactNode;
  children?: ReactNode;
  className?: string;
}

/** A message in a colored box. Screen readers read errors out at once. */
export function Notice({ tone, title, children, className }: NoticeProps) {
  const { icon: Icon, style } = LOOKS[tone];
  return (
    <div role={tone === "bad" ? "alert" : "status"} className={classes("flex gap-3 rounded-xl px-4 py-3 text-sm", style, className)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 break-words">
        {title && <p className="font-semibold">{title}</p>}
        {children}
      </div>
    </div>
  );
}
