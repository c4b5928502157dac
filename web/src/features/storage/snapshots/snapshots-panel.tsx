import { Camera, History } from "lucide-react";
import type { Snapshot } from "@/api/types";
import { Loaded } from "@/components/loaded";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { useI18n } from "@/i18n/i18n";
import { momentText } from "@/i18n/moments";
import { sizeText } from "@/i18n/sizes";
import { useSession } from "@/session/session";
import { Refused } from "../form-parts";
import { useChange } from "../use-change";
import { type StoredVolume, volumeText } from "../volume";
import { useSnapshots } from "./queries";
import { reasonText } from "./reason-text";
import type { Show } from "./view";

interface SnapshotsPanelProps {
  volume: StoredVolume;
  show: Show;
  onClose: () => void;
}

/** Lists the snapshots of a volume, with a button to take one. */
export function SnapshotsPanel({ volume, show, onClose }: SnapshotsPanelProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const snapshots = useSnapshots(volume.path);
  const taking = useChange("/storage/snapshots/create", () => undefined);
  return (
    <DialogPanel
      title={t("snapshots.title", { name: volumeText(t, volume) })}
      description={t("snapshots.description")}
      footer={
        <>
          <Button variant="outline" onClick={onClose}>
            {t("action.close")}
          </Button>
          {session?.admin && (
            <Button busy={taking.busy} onClick={() => taking.submit({ volume: volume.path })}>
              {!taking.busy && <Camera aria-hidden />}
              {t(taking.busy ? "snapshots.taking" : "snapshots.take")}
            </Button>
          )}
        </>
      }
    >
      <Refused error={taking.error} />
      <Loaded query={snapshots} loading={t("snapshots.loading")} error={t("snapshots.error")}>
        {(found) =>
          found.length ? (
            <ul className="divide-y divide-line">
              {found.map((snapshot) => (
                <SnapshotRow key={snapshot.id} snapshot={snapshot} show={show} />
              ))}
            </ul>
          ) : (
            <State icon={History} title={t("snapshots.none_title")} className="py-8">
              {t("snapshots.none_text")}
            </State>
          )
        }
      </Loaded>
    </DialogPanel>
  );
}

function SnapshotRow({ snapshot, show }: { snapshot: Snapshot; show: Show }) {
  const { t, locale } = useI18n();
  const { session } = useSession();
  const moment = momentText(snapshot.created_at, locale);
  const sizes = { size: sizeText(snapshot.referenced, locale), own: sizeText(snapshot.exclusive, locale) };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <span className="min-w-0 flex-1 basis-56">
        <span className="block font-semibold">{moment}</span>
        <span className="block text-sm text-muted">{reasonText(t, snapshot)}</span>
        <span className="block text-sm text-muted tabular-nums">{t("snapshots.size", sizes)}</span>
      </span>
      <span className="flex flex-wrap gap-2">
        <Button variant="outline" aria-label={t("snapshots.browse_name", { moment })} onClick={() => show({ what: "browse", snapshot, path: "" })}>
          {t("snapshots.browse")}
        </Button>
        {session?.admin && (
          <>
            <Button variant="outline" aria-label={t("snapshots.restore_name", { moment })} onClick={() => show({ what: "restore", snapshot, path: "", isDirectory: true })}>
              {t("snapshots.restore")}
            </Button>
            <Button variant="outline" className="text-bad hover:bg-bad-soft" aria-label={t("snapshots.delete_name", { moment })} onClick={() => show({ what: "delete", snapshot })}>
              {t("snapshots.delete")}
            </Button>
          </>
        )}
      </span>
    </li>
  );
}
