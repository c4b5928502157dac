import type { Snapshot } from "@/api/types";

/** What the dialog shows. A `path` leads into the volume; empty, it is all of it. */
export type View =
  | { what: "list" }
  | { what: "browse"; snapshot: Snapshot; path: string }
  | { what: "restore"; snapshot: Snapshot; path: string; isFolder: boolean }
  | { what: "remove"; snapshot: Snapshot };

export type Show = (view: View) => void;

export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export function within(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}
