import { createContext, type ReactNode, use, useState } from "react";
import { DownloadDialog } from "./archives/download-dialog";
import { UploadDialog } from "./archives/upload-dialog";
import { CreateDialog } from "./user-volumes/create-dialog";
import { DeleteDialog } from "./user-volumes/delete-dialog";
import { AddImageDialog } from "./images/add-image-dialog";
import { DeleteImageDialog } from "./images/delete-image-dialog";
import { ModifyDialog } from "./modify/modify-dialog";
import { SnapshotsDialog } from "./snapshots/snapshots-dialog";
import type { StoredVolume } from "./volume";

/** The dialog to open. */
export type DialogRequest =
  | { what: "create" | "add-image" }
  | { what: "modify" | "delete" | "download" | "upload" | "snapshots"; volume: StoredVolume }
  | { what: "delete-image"; image: string };

const StorageDialogsContext = createContext<((request: DialogRequest) => void) | null>(null);

/** The dialogs about storage, one at a time. */
export function StorageDialogsProvider({ children }: { children: ReactNode }) {
  const [request, setRequest] = useState<DialogRequest | null>(null);
  return (
    <StorageDialogsContext value={setRequest}>
      {children}
      {request && <RequestedDialog request={request} onClose={() => setRequest(null)} />}
    </StorageDialogsContext>
  );
}

export function useStorageDialogs(): (request: DialogRequest) => void {
  const open = use(StorageDialogsContext);
  if (open === null) {
    throw new Error("useStorageDialogs needs a StorageDialogsProvider around it");
  }
  return open;
}

function RequestedDialog({ request, onClose }: { request: DialogRequest; onClose: () => void }) {
  switch (request.what) {
    case "create":
      return <CreateDialog onClose={onClose} />;
    case "modify":
      return <ModifyDialog volume={request.volume} onClose={onClose} />;
    case "delete":
      return <DeleteDialog volume={request.volume} onClose={onClose} />;
    case "download":
      return <DownloadDialog volume={request.volume} onClose={onClose} />;
    case "upload":
      return <UploadDialog volume={request.volume} onClose={onClose} />;
    case "snapshots":
      return <SnapshotsDialog volume={request.volume} onClose={onClose} />;
    case "add-image":
      return <AddImageDialog onClose={onClose} />;
    case "delete-image":
      return <DeleteImageDialog image={request.image} onClose={onClose} />;
  }
}
