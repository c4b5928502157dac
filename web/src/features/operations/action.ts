import type { Operation } from "@/api/types";

/** What an operation does, in the terms of the page; several kinds of the API may be one action. */
export type OperationAction = "install" | "change" | "upgrade" | "uninstall" | "rebuild" | "purge" | "purge-kept" | "disable" | "enable" | "upload" | "restore" | "image" | "other";

const ACTIONS: Readonly<Partial<Record<string, OperationAction>>> = {
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

/** The action of an operation. An installation that stops a running application changes its answers. */
export function actionOf({ kind, steps }: Operation): OperationAction {
  const action = ACTIONS[kind] ?? "other";
  return action === "install" && steps.some((step) => step.name === "stop") ? "change" : action;
}
