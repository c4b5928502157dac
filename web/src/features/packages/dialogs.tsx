import { createContext, type ReactNode, use, useMemo, useState } from "react";
import type { Operation } from "@/api/types";
import { DetailsDialog } from "./details/details-dialog";
import { InstallDialog } from "./install/install-dialog";
import type { Purpose, Subject } from "./subject";
import { type Task, TaskDialog } from "./tasks/task-dialog";
import { UninstallDialog } from "./uninstall/uninstall-dialog";
import { WatchDialog } from "./watch-dialog";

/** What somebody wants to see or to do. */
export type Wish = { what: Purpose | Task | "details" | "uninstall"; subject: Subject } | { what: "watch"; operation: Operation };

const DialogsContext = createContext<((wish: Wish) => void) | null>(null);

/** The dialogs about packages: one at a time, for every page of the dashboard. */
export function DialogsProvider({ children }: { children: ReactNode }) {
  const [wish, setWish] = useState<Wish | null>(null);
  const open = useMemo(() => (next: Wish) => setWish(next), []);
  return (
    <DialogsContext value={open}>
      {children}
      {wish && <WishDialog wish={wish} open={open} onClose={() => setWish(null)} />}
    </DialogsContext>
  );
}

/** Opens a dialog in place of the one that is open. */
export function useDialogs(): (wish: Wish) => void {
  const open = use(DialogsContext);
  if (open === null) {
    throw new Error("useDialogs needs a DialogsProvider around it");
  }
  return open;
}

function WishDialog({ wish, open, onClose }: { wish: Wish; open: (wish: Wish) => void; onClose: () => void }) {
  if (wish.what === "watch") {
    return <WatchDialog key={wish.operation.id} operation={wish.operation} onClose={onClose} />;
  }
  const { what, subject } = wish;
  switch (what) {
    case "details":
      return <DetailsDialog subject={subject} onWish={(next) => open({ what: next, subject })} onClose={onClose} />;
    case "uninstall":
      return <UninstallDialog subject={subject} onClose={onClose} />;
    case "install":
    case "change":
    case "upgrade":
      return <InstallDialog purpose={what} subject={subject} onClose={onClose} />;
    default:
      return <TaskDialog task={what} subject={subject} onClose={onClose} />;
  }
}
