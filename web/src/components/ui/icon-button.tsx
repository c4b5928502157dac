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

/** A button that shows only a picture. */
export function IconButton({ icon: Icon, text, label, onClick }: IconButtonProps) {
  return (
    <Tooltip text={text}>
      <Button variant="outline" size="icon" aria-label={label} onClick={onClick}>
        <Icon aria-hidden />
      </Button>
    </Tooltip>
  );
}
