import { ChevronRight, File, FileQuestionMark, Folder, FolderOpen, Link2, type LucideIcon } from "lucide-react";
import { Fragment } from "react";
import type { Snapshot, SnapshotEntry } from "@/api/types";
import { Loaded } from "@/components/loaded";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import { useI18n } from "@/i18n/i18n";
import { momentText } from "@/i18n/moments";
import { sizeText } from "@/i18n/sizes";
import { useSession } from "@/session/session";
import { type StoredVolume, volumeText } from "../volume";
import { useSnapshotFolder } from "./queries";
import { type Show, within } from "./view";

const ICONS: Readonly<Record<SnapshotEntry["type"], LucideIcon>> = { file: File, directory: Folder, link: Link2, other: FileQuestionMark };

interface BrowsePanelProps {
  volume: StoredVolume;
  snapshot: Snapshot;
  /** The folder that is shown. */
  path: string;
  show: Show;
}

/** Looks around in a snapshot, folder by folder. */
export function BrowsePanel({ volume, snapshot, path, show }: BrowsePanelProps) {
  const { t, locale } = useI18n();
  const { session } = useSession();
  const entries = useSnapshotFolder(volume.path, snapshot.id, path);
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
            <Button variant="outline" onClick={() => show({ what: "restore", snapshot, path, isFolder: true })}>
              {t(path ? "browse.restore_folder" : "browse.restore_all")}
            </Button>
          )}
        </>
      }
    >
      <Crumbs top={volume.name} path={path} onGo={(folder) => show({ what: "browse", snapshot, path: folder })} />
      <Loaded query={entries} loading={t("browse.loading")} error={t("browse.error")}>
        {(found) =>
          found.length ? (
            <ul aria-label={t("browse.entries")} className="divide-y divide-line">
              {found.map((entry) => (
                <EntryRow key={entry.name} entry={entry} snapshot={snapshot} path={within(path, entry.name)} show={show} />
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

/** The way from the top to where one is. */
function Crumbs({ top, path, onGo }: { top: string; path: string; onGo: (folder: string) => void }) {
  const { t } = useI18n();
  const parts = path ? path.split("/") : [];
  const ways = ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
  return (
    <nav aria-label={t("browse.place")} className="mb-2 flex flex-wrap items-center gap-1 text-sm">
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

function EntryRow({ entry: { name, type, size, mtime }, snapshot, path, show }: { entry: SnapshotEntry; snapshot: Snapshot; path: string; show: Show }) {
  const { t, locale } = useI18n();
  const { session } = useSession();
  const Icon = ICONS[type];
  const isFolder = type === "directory";
  const facts = [type === "file" ? sizeText(size, locale) : t(`browse.${type}`), momentText(mtime, locale)];
  return (
    <li className="flex items-center gap-3 py-2">
      <Icon aria-hidden className="size-5 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        {isFolder ? (
          <button type="button" className="block min-h-8 text-start font-medium break-all text-primary hover:underline" onClick={() => show({ what: "browse", snapshot, path })}>
            {name}
          </button>
        ) : (
          <span className="block font-medium break-all">{name}</span>
        )}
        <span className="block text-xs text-muted tabular-nums">{facts.join(" · ")}</span>
      </span>
      {session?.admin && (
        <Button variant="outline" size="small" aria-label={t("browse.restore_name", { name })} onClick={() => show({ what: "restore", snapshot, path, isFolder })}>
          {t("snapshots.restore")}
        </Button>
      )}
    </li>
  );
}
