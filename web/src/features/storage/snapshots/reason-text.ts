import type { Snapshot } from "@/api/types";
import type { Translate } from "@/i18n/i18n";

/** Why a snapshot was taken. */
export function reasonText(t: Translate, { reason }: Snapshot): string {
  switch (reason) {
    case "user":
    case "upgrade":
    case "upload":
    case "uninstall":
      return t(`snapshots.reason_${reason}`);
    default:
      return reason;
  }
}
