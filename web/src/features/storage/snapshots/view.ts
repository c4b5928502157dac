import type { Snapshot } from "@/api/types";

/** What the dialog shows. A `path` leads into the volume; empty, it is all of it. */
export type View =
  | { what: "list" }
  | { what: "browse"; snapshot: Snapshot; path: string }
  | { what: "restore"; snapshot: Snapshot; path: string; isDirectory: boolean }
  | { what: "delete"; snapshot: Snapshot };

export type Show = (view: View) => void;

/** The directory that contains a path; empty for the volume itself. */
export function directoryOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export function within(directory: string, name: string): string {
  return directory ? `${directory}/${name}` : name;
}
