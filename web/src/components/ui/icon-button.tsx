import type { LucideIcon } from "lucide-react";
import { Button } from "./button";
import { Tooltip } from "./tooltip";

interface IconButtonProps {
  icon: LucideIcon;
  /** What it does, on hover and on focus. */
  text: string;
  /** What it does and with what, for screen readers. */
  label: string;
  onClick: () => void;
}

/** A button with an icon only. On phones, which have no hover, it shows its text as well. */
export function IconButton({ icon: Icon, text, label, onClick }: IconButtonProps) {
  return (
    <Tooltip text={text}>
      <Button variant="outline" className="md:size-10 md:px-0" aria-label={label} onClick={onClick}>
        <Icon aria-hidden />
        <span className="md:hidden">{text}</span>
      </Button>
    </Tooltip>
  );
}
