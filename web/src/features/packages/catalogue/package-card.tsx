import { ArrowUpCircle, Check, Sparkles, Trash2 } from "lucide-react";
import type { PackageEntry } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "@/session/session";
import { portLinks } from "../details/links";
import { OpenLinks } from "../details/open-links";
import { useDialogs } from "../dialogs";
import { useInstalled } from "../queries";
import { installedIdentity, subjectOf } from "../subject";
import { FailedUpgrade } from "../updates/failed-upgrade";
import { useUpgradeOf } from "../updates/queries";
import { ManifestError } from "./manifest-error";
import { PackageIcon } from "./package-icon";
import { RunningNote } from "./running-note";

interface PackageCardProps {
  entry: PackageEntry;
  /** One level below whatever the card is part of. */
  heading?: "h2" | "h3";
}

/** One package of the list, and what can be done with it. */
export function PackageCard({ entry, heading: Heading = "h2" }: PackageCardProps) {
  const { t } = useI18n();
  const { name, repo } = entry;
  const version = entry.installed ? t("package.installed_version", { version: entry.installed_version ?? "" }) : t("package.version", { version: entry.version });
  return (
    <li className="flex min-w-0 flex-col rounded-2xl border border-line bg-card p-5 shadow-xs">
      <div className="flex items-start gap-4">
        <PackageIcon name={name} />
        <div className="min-w-0 flex-1">
          <Heading className="text-base leading-tight font-semibold break-words">{name}</Heading>
          <p className="mt-1 text-xs break-words text-muted">
            {version} · {t("package.from", { repo })}
          </p>
        </div>
      </div>
      <p className="mt-3 line-clamp-3 min-h-10 text-sm break-words text-muted">{entry.description || t("package.no_description")}</p>
      <Badges entry={entry} />
      {entry.error && <ManifestError error={entry.error} />}
      {entry.installed && <FailedUpgrade subject={entry} className="mt-3" />}
      <div className="mt-auto flex flex-wrap items-center gap-2 pt-4">
        <RunningNote subject={entry}>{entry.installed ? <InstalledActions entry={entry} /> : <OfferedActions entry={entry} />}</RunningNote>
      </div>
    </li>
  );
}

function Badges({ entry }: { entry: PackageEntry }) {
  const { t } = useI18n();
  return (
    <div className="mt-2 flex flex-wrap gap-2 empty:hidden">
      {entry.installed && (
        <Badge tone="good">
          <Check aria-hidden />
          {t("package.installed")}
        </Badge>
      )}
      {entry.featured && (
        <Badge tone="info">
          <Sparkles aria-hidden />
          {t("package.featured")}
        </Badge>
      )}
      {entry.error && <Badge tone="bad">{t("package.broken")}</Badge>}
    </div>
  );
}

function OfferedActions({ entry }: { entry: PackageEntry }) {
  const { t } = useI18n();
  const { session } = useSession();
  const open = useDialogs();
  if (!session?.admin) {
    return <p className="text-sm text-muted">{t("packages.admin_needed")}</p>;
  }
  return (
    <Button
      variant="soft"
      className="w-full"
      disabled={Boolean(entry.error)}
      aria-label={t("package.install_name", { name: entry.name })}
      onClick={() => open({ what: "install", subject: entry })}
    >
      {t("package.install")}
    </Button>
  );
}

function InstalledActions({ entry }: { entry: PackageEntry }) {
  const { t } = useI18n();
  const { session } = useSession();
  const open = useDialogs();
  const { name } = entry;
  const installed = useInstalled(installedIdentity(entry), true);
  const disabled = installed.data?.info.disabled;
  const [first] = installed.data && !disabled ? portLinks(installed.data, window.location.hostname) : [];
  return (
    <>
      {session?.admin && <UpgradeButton entry={entry} />}
      {disabled && <Badge>{t("details.disabled")}</Badge>}
      {first && <OpenLinks name={name} links={[first]} short />}
      <Button variant="outline" aria-label={t("package.details_name", { name })} onClick={() => open({ what: "details", subject: entry })}>
        {t("package.details")}
      </Button>
      {session?.admin && (
        <Tooltip text={t("package.uninstall")}>
          <Button
            variant="ghost"
            size="icon"
            className="ms-auto text-muted hover:bg-bad-soft hover:text-bad"
            aria-label={t("package.uninstall_name", { name })}
            onClick={() => open({ what: "uninstall", subject: entry })}
          >
            <Trash2 aria-hidden />
          </Button>
        </Tooltip>
      )}
    </>
  );
}

function UpgradeButton({ entry }: { entry: PackageEntry }) {
  const { t } = useI18n();
  const open = useDialogs();
  const upgrade = useUpgradeOf(entry);
  if (!upgrade) {
    return null;
  }
  const { name, installed_version: from, latest_version: to } = upgrade;
  const same = from === to;
  return (
    <Button variant="soft" className="w-full" aria-label={t(same ? "updates.reinstall_name" : "updates.update_name", { name })} onClick={() => open({ what: "upgrade", subject: { ...entry, ...subjectOf(upgrade) } })}>
      <ArrowUpCircle aria-hidden />
      {same ? t("updates.reinstall") : t("updates.update_to", { version: to })}
    </Button>
  );
}
