import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useI18n } from "@/i18n/i18n";
import { classes } from "./classes";

interface DialogFrameProps {
  onClose: () => void;
  children: ReactNode;
  className?: string | undefined;
}

/**
 * An open dialog: from the bottom of a phone's screen, in the middle of any other.
 *
 * What is in it may change while it is open, each time with a panel of its own, and the focus stays inside.
 */
export function DialogFrame({ onClose, children, className }: DialogFrameProps) {
  return (
    <Radix.Root open onOpenChange={onClose}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45 backdrop-blur-[2px]" />
        <Radix.Content
          className={classes(
            "fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[92dvh] w-full flex-col rounded-t-2xl border border-line bg-card shadow-2xl outline-none motion-safe:animate-appear",
            "sm:inset-y-0 sm:my-auto sm:h-fit sm:max-h-[86dvh] sm:max-w-xl sm:rounded-2xl",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface DialogPanelProps {
  title: ReactNode;
  /** Says what the dialog is for: to everybody, and to screen readers as soon as it opens. */
  description: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
}

/** The content of a dialog. The body scrolls, the header and the footer stay. */
export function DialogPanel({ title, description, children, footer }: DialogPanelProps) {
  return (
    <>
      <Header title={title} description={description} />
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5 sm:px-6">{children}</div>
      {footer && <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-4 sm:px-6">{footer}</div>}
    </>
  );
}

/** A dialog that shows one thing as long as it is open. */
export function Dialog({ onClose, className, ...panel }: DialogPanelProps & Omit<DialogFrameProps, "children">) {
  return (
    <DialogFrame onClose={onClose} className={className}>
      <DialogPanel {...panel} />
    </DialogFrame>
  );
}

function Header({ title, description }: { title: ReactNode; description: ReactNode }) {
  const { t } = useI18n();
  return (
    <div className="flex items-start gap-3 px-5 pt-5 pb-4 sm:px-6">
      <div className="min-w-0 flex-1">
        <Radix.Title className="text-lg font-semibold tracking-tight break-words">{title}</Radix.Title>
        <Radix.Description className="mt-1 text-sm break-words text-muted">{description}</Radix.Description>
      </div>
      <Radix.Close
        className="-me-2 -mt-1.5 grid size-10 shrink-0 place-items-center rounded-lg text-muted hover:bg-subtle hover:text-ink"
        aria-label={t("action.close")}
      >
        <X aria-hidden className="size-5" />
      </Radix.Close>
    </div>
  );
}
