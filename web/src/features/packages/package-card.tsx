import { Check, Sparkles, Trash2 } from "lucide-react";
import type { PackageEntry } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { Tooltip } from "@/components/ui/tooltip";
import { useRunning } from "@/features/operations/operations";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "@/session/session";
import { portLinks } from "./links";
import { OpenLinks } from "./open-links";
import { PackageMark } from "./package-mark";
import { useInstalled } from "./queries";

export type Wish = "install" | "details" | "uninstall";

interface PackageCardProps {
  entry: PackageEntry;
  onWish: (wish: Wish, running?: string) => void;
}

/** One package of the list, and what can be done with it. */
export function PackageCard({ entry, onWish }: PackageCardProps) {
  const { t } = useI18n();
  const { name, repo } = entry;
  const version = entry.installed ? t("package.installed_version", { version: entry.installed_version ?? "" }) : t("package.version", { version: entry.version });
  return (
    <li className="flex flex-col rounded-2xl border border-line bg-card p-5 shadow-xs">
      <div className="flex items-start gap-4">
        <PackageMark name={name} />
        <div className="min-w-0 flex-1">
          <h2 className="text-base leading-tight font-semibold break-words">{name}</h2>
          <p className="mt-1 text-xs break-words text-muted">
            {version} · {t("package.from", { repo })}
          </p>
        </div>
      </div>
      <p className="mt-3 line-clamp-3 min-h-10 text-sm break-words text-muted">{entry.description || t("package.no_description")}</p>
      <Badges entry={entry} />
      {entry.error && <p className="mt-2 text-sm break-words text-bad">{entry.error}</p>}
      <div className="mt-auto flex flex-wrap items-center gap-2 pt-4">
        <Actions entry={entry} onWish={onWish} />
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

function Actions({ entry, onWish }: PackageCardProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const { name } = entry;
  const running = useRunning(entry);
  if (running) {
    const removes = running.kind === "uninstall";
    return (
      <>
        <span role="status" className="flex min-h-10 items-center gap-2 text-sm font-medium">
          <Spinner />
          {removes ? t("package.uninstalling") : t("package.installing")}
        </span>
        <Button variant="outline" className="ms-auto" onClick={() => onWish(removes ? "uninstall" : "install", running.id)}>
          {t("package.show_progress")}
        </Button>
      </>
    );
  }
  if (entry.installed) {
    return <InstalledActions entry={entry} onWish={onWish} />;
  }
  if (!session?.admin) {
    return <p className="text-sm text-muted">{t("packages.admin_needed")}</p>;
  }
  return (
    <Button variant="soft" className="w-full" disabled={Boolean(entry.error)} aria-label={t("package.install_name", { name })} onClick={() => onWish("install")}>
      {t("package.install")}
    </Button>
  );
}

function InstalledActions({ entry, onWish }: PackageCardProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const { repo, name } = entry;
  const installed = useInstalled({ repo, name, version: entry.installed_version ?? entry.version }, true);
  const [first] = installed.data ? portLinks(installed.data, window.location.hostname) : [];
  return (
    <>
      {first && <OpenLinks name={name} links={[first]} short />}
      <Button variant="outline" aria-label={t("package.details_name", { name })} onClick={() => onWish("details")}>
        {t("package.details")}
      </Button>
      {session?.admin && (
        <Tooltip text={t("package.uninstall")}>
          <Button variant="ghost" size="icon" className="ms-auto text-muted hover:bg-bad-soft hover:text-bad" aria-label={t("package.uninstall_name", { name })} onClick={() => onWish("uninstall")}>
            <Trash2 aria-hidden />
          </Button>
        </Tooltip>
      )}
    </>
  );
}
