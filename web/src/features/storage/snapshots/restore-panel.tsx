import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { useI18n } from "@/i18n/i18n";
import { momentText } from "@/i18n/moments";
import { type StoredVolume, volumeText } from "../volume";
import { directoryOf, type Show, type View } from "./view";

interface RestorePanelProps {
  volume: StoredVolume;
  view: Extract<View, { what: "restore" }>;
  show: Show;
  onClose: () => void;
}

/** Explains a restore, runs it, and shows its result. */
export function RestorePanel(props: RestorePanelProps) {
  const { volume, view, onClose } = props;
  const { t } = useI18n();
  const name = volumeText(t, volume);
  const handle = useOperation(name, "restore");
  const { snapshot, path } = view;
  const start = () => handle.start("/storage/snapshots/restore", { volume: volume.path, id: snapshot.id, ...(path && { path }) });
  if (handle.progress.phase === "idle") {
    return <Confirmation {...props} onConfirm={start} />;
  }
  const again = (
    <Button variant="outline" onClick={handle.reset}>
      {t("restore.back")}
    </Button>
  );
  return <OperationView action="restore" name={name} handle={handle} again={again} onClose={onClose} />;
}

function Confirmation({ volume, view: { snapshot, path, isDirectory }, show, onConfirm }: RestorePanelProps & { onConfirm: () => void }) {
  const { t, locale } = useI18n();
  const { owner, service } = volume;
  const moment = momentText(snapshot.created_at, locale);
  const name = path || volumeText(t, volume);
  const back = () => show(path ? { what: "browse", snapshot, path: isDirectory ? path : directoryOf(path) } : { what: "list" });
  return (
    <DialogPanel
      title={t("restore.title", { name })}
      description={t("restore.description", { moment })}
      footer={
        <>
          <Button variant="outline" onClick={back}>
            {t("restore.back")}
          </Button>
          <Button onClick={onConfirm}>{t("restore.submit")}</Button>
        </>
      }
    >
      <Notice tone="info">
        <ul className="flex list-disc flex-col gap-1.5 ps-4">
          <li>{t(path ? (isDirectory ? "restore.becomes_directory" : "restore.becomes_file") : "restore.becomes_all")}</li>
          <li>{t("restore.kept_first")}</li>
          {owner && service && !path && <li>{t("restore.stops", { name: owner.name })}</li>}
        </ul>
      </Notice>
    </DialogPanel>
  );
}
