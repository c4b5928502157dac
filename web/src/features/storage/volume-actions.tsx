import { Download, History, Upload } from "lucide-react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { RunningNote } from "@/features/packages/catalogue/running-note";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "@/session/session";
import { useStorageDialogs } from "./dialogs";
import { type StoredVolume, volumeText } from "./volume";

/** The buttons of a volume, or the operation that runs on it. Archives need an administrator. Only user volumes can be deleted. */
export function VolumeActions({ volume }: { volume: StoredVolume }) {
  const { t } = useI18n();
  const { session } = useSession();
  const open = useStorageDialogs();
  const name = volumeText(t, volume);
  return (
    <div className="flex flex-wrap items-center gap-2 @2xl:flex-nowrap">
      <RunningNote subject={subjectOf(volume)}>
        {session?.admin && (
          <>
            <IconButton icon={Download} text={t("storage.download")} label={t("storage.download_name", { name })} onClick={() => open({ what: "download", volume })} />
            <IconButton icon={Upload} text={t("storage.upload")} label={t("storage.upload_name", { name })} onClick={() => open({ what: "upload", volume })} />
          </>
        )}
        <IconButton icon={History} text={t("storage.snapshots")} label={t("storage.snapshots_name", { name })} onClick={() => open({ what: "snapshots", volume })} />
        <Button variant="outline" aria-label={t("storage.modify_name", { name })} onClick={() => open({ what: "modify", volume })}>
          {t("storage.modify")}
        </Button>
        {!volume.owner && (
          <Button variant="outline" className="text-bad hover:bg-bad-soft" aria-label={t("storage.delete_name", { name })} onClick={() => open({ what: "delete", volume })}>
            {t("storage.delete")}
          </Button>
        )}
      </RunningNote>
    </div>
  );
}

/** The subject of operations on the volume. */
function subjectOf({ owner, name }: StoredVolume): { repo: string; name: string } {
  return owner ?? { repo: "user", name: name.split("/", 1)[0] ?? name };
}
