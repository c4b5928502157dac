import type { Operation } from "@/api/types";

/** What an operation does, as people see it. */
export type Work = "install" | "change" | "upgrade" | "uninstall" | "rebuild" | "purge" | "purge-kept" | "disable" | "enable" | "upload" | "restore" | "image" | "other";

const WORKS: Readonly<Partial<Record<string, Work>>> = {
  install: "install",
  upgrade: "upgrade",
  uninstall: "uninstall",
  "rebuild-git": "rebuild",
  "purge-volumes": "purge",
  "purge-uninstalled-volumes": "purge-kept",
  disable: "disable",
  enable: "enable",
  "upload-archive": "upload",
  "restore-snapshot": "restore",
  "upload-vm-image": "image",
};

/** The work of an operation; one that replaces what runs, without being an upgrade, changes answers. */
export function workOf({ kind, steps }: Operation): Work {
  const work = WORKS[kind] ?? "other";
  return work === "install" && steps.some((step) => step.name === "stop") ? "change" : work;
}
