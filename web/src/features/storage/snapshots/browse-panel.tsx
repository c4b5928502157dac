import { ChevronRight, FolderOpen } from "lucide-react";
import { Fragment } from "react";
import type { Snapshot } from "@/api/types";
import { Loaded } from "@/components/loaded";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { useI18n } from "@/i18n/i18n";
import { momentText } from "@/i18n/moments";
import { useSession } from "@/session/session";
import { type StoredVolume, volumeText } from "../volume";
import { EntryRow } from "./entry-row";
import { useSnapshotDirectory } from "./queries";
import type { Show } from "./view";

interface BrowsePanelProps {
  volume: StoredVolume;
  snapshot: Snapshot;
  /** The directory that is shown. */
  path: string;
  show: Show;
}

/** Browses a snapshot, directory by directory. */
export function BrowsePanel({ volume, snapshot, path, show }: BrowsePanelProps) {
  const { t, locale } = useI18n();
  const { session } = useSession();
  const entries = useSnapshotDirectory(volume.path, snapshot.id, path);
  return (
    <DialogPanel
      title={t("browse.title", { name: volumeText(t, volume) })}
      description={t("browse.description", { moment: momentText(snapshot.created_at, locale) })}
      footer={
        <>
          <Button variant="outline" onClick={() => show({ what: "list" })}>
            {t("browse.back")}
          </Button>
          {session?.admin && (
            <Button variant="outline" onClick={() => show({ what: "restore", snapshot, path, isDirectory: true })}>
              {t(path ? "browse.restore_directory" : "browse.restore_all")}
            </Button>
          )}
        </>
      }
    >
      <Crumbs top={volume.name} path={path} onGo={(directory) => show({ what: "browse", snapshot, path: directory })} />
      <Loaded query={entries} loading={t("browse.loading")} error={t("browse.error")}>
        {(found) =>
          found.length ? (
            <ul aria-label={t("browse.entries")} className="divide-y divide-line">
              {found.map((entry, index) => (
                // oxlint-disable-next-line react/no-array-index-key -- names that are not valid text may look the same, and the list never changes
                <EntryRow key={index} entry={entry} snapshot={snapshot} directory={path} show={show} />
              ))}
            </ul>
          ) : (
            <State icon={FolderOpen} title={t("browse.empty")} className="py-8" />
          )
        }
      </Loaded>
    </DialogPanel>
  );
}

/** Breadcrumbs from the volume to the current directory. */
function Crumbs({ top, path, onGo }: { top: string; path: string; onGo: (directory: string) => void }) {
  const { t } = useI18n();
  const parts = path ? path.split("/") : [];
  const ways = ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
  return (
    <nav aria-label={t("browse.location")} className="mb-2 flex flex-wrap items-center gap-1 text-sm">
      {ways.map((way, index) => (
        <Fragment key={way}>
          {index > 0 && <ChevronRight aria-hidden className="size-4 text-muted rtl:rotate-180" />}
          {way === path ? (
            <span aria-current="location" className="px-1 py-1.5 font-semibold break-all">
              {parts[index - 1] ?? top}
            </span>
          ) : (
            <button type="button" className="rounded-md px-1 py-1.5 break-all text-primary hover:underline" onClick={() => onGo(way)}>
              {parts[index - 1] ?? top}
            </button>
          )}
        </Fragment>
      ))}
    </nav>
  );
}
