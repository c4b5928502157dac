import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";

interface TrayEntryProps {
  icon: ReactNode;
  what: string;
  more: ReactNode;
  /** Removes the entry; null while it is running. */
  onDismiss: (() => void) | null;
  children?: ReactNode;
}

/** One running or ended task. */
export function TrayEntry({ icon, what, more, onDismiss, children }: TrayEntryProps) {
  const { t } = useI18n();
  return (
    <div className="flex items-center gap-3 rounded-xl border border-line bg-card py-2 ps-4 pe-2 shadow-lg motion-safe:animate-appear">
      {icon}
      <div className="min-w-0 flex-1 text-sm">
        <p role="status" className="font-medium break-words">
          {what}
        </p>
        {more && <p className="line-clamp-2 break-words text-muted">{more}</p>}
      </div>
      {children}
      {onDismiss && (
        <Button variant="ghost" size="icon" className="text-muted" aria-label={t("tray.dismiss", { what })} onClick={onDismiss}>
          <X aria-hidden />
        </Button>
      )}
    </div>
  );
}
