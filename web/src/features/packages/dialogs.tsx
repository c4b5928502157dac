import { createContext, type ReactNode, use, useMemo, useState } from "react";
import type { Operation } from "@/api/types";
import { DetailsDialog } from "./details/details-dialog";
import { InstallDialog } from "./install/install-dialog";
import type { Purpose, Subject } from "./subject";
import { type Task, TaskDialog } from "./tasks/task-dialog";
import { UninstallDialog } from "./uninstall/uninstall-dialog";
import { WatchDialog } from "./watch-dialog";

/** The dialog to open. */
export type DialogRequest = { what: Purpose | Task | "details" | "uninstall"; subject: Subject } | { what: "watch"; operation: Operation };

const DialogsContext = createContext<((request: DialogRequest) => void) | null>(null);

/** The dialogs about packages: one at a time, for every page of the dashboard. */
export function DialogsProvider({ children }: { children: ReactNode }) {
  const [request, setRequest] = useState<DialogRequest | null>(null);
  const open = useMemo(() => (next: DialogRequest) => setRequest(next), []);
  return (
    <DialogsContext value={open}>
      {children}
      {request && <RequestedDialog request={request} open={open} onClose={() => setRequest(null)} />}
    </DialogsContext>
  );
}

/** Opens a dialog in place of the one that is open. */
export function useDialogs(): (request: DialogRequest) => void {
  const open = use(DialogsContext);
  if (open === null) {
    throw new Error("useDialogs needs a DialogsProvider around it");
  }
  return open;
}

function RequestedDialog({ request, open, onClose }: { request: DialogRequest; open: (request: DialogRequest) => void; onClose: () => void }) {
  if (request.what === "watch") {
    return <WatchDialog key={request.operation.id} operation={request.operation} onClose={onClose} />;
  }
  const { what, subject } = request;
  switch (what) {
    case "details":
      return <DetailsDialog subject={subject} onOpen={(next) => open({ what: next, subject })} onClose={onClose} />;
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
