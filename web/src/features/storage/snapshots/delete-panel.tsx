import type { Snapshot } from "@/api/types";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { momentText } from "@/i18n/moments";
import { sizeText } from "@/i18n/sizes";
import { Refused } from "../form-parts";
import { useChange } from "../use-change";
import type { StoredVolume } from "../volume";
import type { Show } from "./view";

/** Deletes a snapshot after a confirmation. */
export function DeletePanel({ volume, snapshot, show }: { volume: StoredVolume; snapshot: Snapshot; show: Show }) {
  const { t, locale } = useI18n();
  const list = () => show({ what: "list" });
  const { submit, busy, error } = useChange("/storage/snapshots/remove", list);
  return (
    <DialogPanel
      title={t("delete_snapshot.title")}
      description={t("delete_snapshot.description", { moment: momentText(snapshot.created_at, locale) })}
      footer={
        <>
          <Button variant="outline" onClick={list}>
            {t("action.cancel")}
          </Button>
          <Button variant="danger" busy={busy} onClick={() => submit({ volume: volume.path, id: snapshot.id })}>
            {t("delete_snapshot.submit")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Notice tone="warn">{t("delete_snapshot.frees", { size: sizeText(snapshot.exclusive, locale) })}</Notice>
        <Refused error={error} />
      </div>
    </DialogPanel>
  );
}
