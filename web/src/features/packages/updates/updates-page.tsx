import { CircleCheckBig } from "lucide-react";
import { Link } from "react-router";
import type { Upgrade } from "@/api/types";
import { PACKAGES } from "@/app/paths";
import { Loaded } from "@/components/loaded";
import { PageHeader } from "@/components/page-header";
import { Row, Rows } from "@/components/rows";
import { ErrorText, State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { usePing } from "@/session/ping";
import { useSession } from "@/session/session";
import { RunningNote } from "../catalogue/running-note";
import { PackageIcon } from "../catalogue/package-icon";
import { useDialogs } from "../dialogs";
import { subjectOf } from "../subject";
import { FailedUpgrade } from "./failed-upgrade";
import { useDismissal, useUpgrades } from "./queries";

/** The available updates. */
export function UpdatesPage() {
  const { t } = useI18n();
  const upgrades = useUpgrades();
  return (
    <>
      <PageHeader title={t("updates.title")} lead={t("updates.lead")} />
      <Loaded query={upgrades} loading={t("updates.loading")} error={t("updates.error")}>
        {(entries) =>
          entries.length ? (
            <>
              <Dismissal />
              <Rows>
                {entries.map((upgrade) => (
                  <UpgradeRow key={`${upgrade.repo}/${upgrade.name}`} upgrade={upgrade} />
                ))}
              </Rows>
            </>
          ) : (
            <NoUpdates />
          )
        }
      </Loaded>
    </>
  );
}

function UpgradeRow({ upgrade }: { upgrade: Upgrade }) {
  const { t } = useI18n();
  const { session } = useSession();
  const open = useDialogs();
  const { repo, name, installed_version: from, latest_version: to } = upgrade;
  const newer = from !== to;
  return (
    <Row
      icon={<PackageIcon name={name} />}
      title={name}
      text={
        <>
          {newer ? t("updates.versions", { from, to }) : t("package.installed_version", { version: from })} · {t("package.from", { repo })}
          {upgrade.changed && <span className="mt-1 block">{newer ? t("updates.changed_too") : t("updates.changed")}</span>}
        </>
      }
      more={<FailedUpgrade subject={upgrade} />}
    >
      <RunningNote subject={upgrade}>
        {session?.admin ? (
          <Button aria-label={t(newer ? "updates.update_name" : "updates.reinstall_name", { name })} onClick={() => open({ what: "upgrade", subject: subjectOf(upgrade) })}>
            {newer ? t("updates.update") : t("updates.reinstall")}
          </Button>
        ) : (
          <p className="text-sm text-muted">{t("updates.admin_needed")}</p>
        )}
      </RunningNote>
    </Row>
  );
}

/** Turns off the reminder in the navigation for the current updates. */
function Dismissal() {
  const { t } = useI18n();
  const { session } = useSession();
  const { ping } = usePing();
  const dismissal = useDismissal();
  if (!session?.admin || ping?.upgrades_dismissed) {
    return <p className="mb-4 text-sm text-muted empty:hidden">{ping?.upgrades_dismissed && t("updates.dismissed")}</p>;
  }
  return (
    <div className="mb-4 flex flex-col gap-3">
      {dismissal.isError && (
        <Notice tone="bad">
          <ErrorText error={dismissal.error} />
        </Notice>
      )}
      <Button variant="outline" className="self-start" busy={dismissal.isPending} onClick={() => dismissal.mutate()}>
        {t("updates.dismiss")}
      </Button>
    </div>
  );
}

function NoUpdates() {
  const { t } = useI18n();
  return (
    <State
      icon={CircleCheckBig}
      title={t("updates.none_title")}
      action={
        <Button asChild variant="outline">
          <Link to={PACKAGES}>{t("app.go_home")}</Link>
        </Button>
      }
    >
      {t("updates.none_text")}
    </State>
  );
}
