import { File, FileQuestionMark, Folder, Link2, type LucideIcon } from "lucide-react";
import type { Snapshot, SnapshotEntry } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { momentText } from "@/i18n/moments";
import { sizeText } from "@/i18n/sizes";
import { useSession } from "@/session/session";
import { type Show, within } from "./view";

const ICONS: Readonly<Record<SnapshotEntry["type"], LucideIcon>> = { file: File, directory: Folder, link: Link2, other: FileQuestionMark };
/** Stands for bytes of a name that are not valid UTF-8; the appliance finds no entry by such a name. */
const UNREADABLE = "\ufffd";

interface EntryRowProps {
  entry: SnapshotEntry;
  snapshot: Snapshot;
  /** The directory that contains it. */
  directory: string;
  show: Show;
}

/** A file or a directory in a snapshot. */
export function EntryRow({ entry: { name, type, size, mtime }, snapshot, directory, show }: EntryRowProps) {
  const { t, locale } = useI18n();
  const { session } = useSession();
  const Icon = ICONS[type];
  const path = within(directory, name);
  const isDirectory = type === "directory";
  const reachable = !name.includes(UNREADABLE);
  const facts = [type === "file" ? sizeText(size, locale) : t(`browse.${type}`), momentText(mtime, locale), ...(reachable ? [] : [t("browse.unreadable")])];
  return (
    <li className="flex items-center gap-3 py-2">
      <Icon aria-hidden className="size-5 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        {isDirectory && reachable ? (
          <button type="button" className="block min-h-8 text-start font-medium break-all text-primary hover:underline" onClick={() => show({ what: "browse", snapshot, path })}>
            {name}
          </button>
        ) : (
          <span className="block font-medium break-all">{name}</span>
        )}
        <span className="block text-xs text-muted tabular-nums">{facts.join(" · ")}</span>
      </span>
      {session?.admin && reachable && (
        <Button variant="outline" size="small" aria-label={t("browse.restore_name", { name })} onClick={() => show({ what: "restore", snapshot, path, isDirectory })}>
          {t("snapshots.restore")}
        </Button>
      )}
    </li>
  );
}
