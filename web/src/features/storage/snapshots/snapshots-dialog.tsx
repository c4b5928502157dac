import { useState } from "react";
import { DialogFrame } from "@/components/ui/dialog";
import type { StoredVolume } from "../volume";
import { BrowsePanel } from "./browse-panel";
import { DeletePanel } from "./delete-panel";
import { RestorePanel } from "./restore-panel";
import { SnapshotsPanel } from "./snapshots-panel";
import type { View } from "./view";

interface SnapshotsDialogProps {
  volume: StoredVolume;
  onClose: () => void;
}

/** The snapshots of a volume: list, browse, restore and delete. */
export function SnapshotsDialog({ volume, onClose }: SnapshotsDialogProps) {
  return (
    <DialogFrame onClose={onClose} className="sm:max-w-2xl">
      <Panel volume={volume} onClose={onClose} />
    </DialogFrame>
  );
}

function Panel({ volume, onClose }: SnapshotsDialogProps) {
  const [view, show] = useState<View>({ what: "list" });
  switch (view.what) {
    case "list":
      return <SnapshotsPanel volume={volume} show={show} onClose={onClose} />;
    case "browse":
      return <BrowsePanel volume={volume} snapshot={view.snapshot} path={view.path} show={show} />;
    case "restore":
      return <RestorePanel volume={volume} view={view} show={show} onClose={onClose} />;
    case "delete":
      return <DeletePanel volume={volume} snapshot={view.snapshot} show={show} />;
  }
}
