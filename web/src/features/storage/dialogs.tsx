import { createContext, type ReactNode, use, useState } from "react";
import { DownloadDialog } from "./archives/download-dialog";
import { UploadDialog } from "./archives/upload-dialog";
import { CreateDialog } from "./filesystems/create-dialog";
import { DeleteDialog } from "./filesystems/delete-dialog";
import { AddImageDialog } from "./images/add-image-dialog";
import { DeleteImageDialog } from "./images/delete-image-dialog";
import { ModifyDialog } from "./modify/modify-dialog";
import { SnapshotsDialog } from "./snapshots/snapshots-dialog";
import type { StoredVolume } from "./volume";

/** What somebody wants to see or to do. */
export type Wish =
  | { what: "create" | "add-image" }
  | { what: "modify" | "delete" | "download" | "upload" | "snapshots"; volume: StoredVolume }
  | { what: "delete-image"; image: string };

const StorageDialogsContext = createContext<((wish: Wish) => void) | null>(null);

/** The dialogs about storage, one at a time. */
export function StorageDialogsProvider({ children }: { children: ReactNode }) {
  const [wish, setWish] = useState<Wish | null>(null);
  return (
    <StorageDialogsContext value={setWish}>
      {children}
      {wish && <WishDialog wish={wish} onClose={() => setWish(null)} />}
    </StorageDialogsContext>
  );
}

export function useStorageDialogs(): (wish: Wish) => void {
  const open = use(StorageDialogsContext);
  if (open === null) {
    throw new Error("useStorageDialogs needs a StorageDialogsProvider around it");
  }
  return open;
}

function WishDialog({ wish, onClose }: { wish: Wish; onClose: () => void }) {
  switch (wish.what) {
    case "create":
      return <CreateDialog onClose={onClose} />;
    case "modify":
      return <ModifyDialog volume={wish.volume} onClose={onClose} />;
    case "delete":
      return <DeleteDialog volume={wish.volume} onClose={onClose} />;
    case "download":
      return <DownloadDialog volume={wish.volume} onClose={onClose} />;
    case "upload":
      return <UploadDialog volume={wish.volume} onClose={onClose} />;
    case "snapshots":
      return <SnapshotsDialog volume={wish.volume} onClose={onClose} />;
    case "add-image":
      return <AddImageDialog onClose={onClose} />;
    case "delete-image":
      return <DeleteImageDialog image={wish.image} onClose={onClose} />;
  }
}
