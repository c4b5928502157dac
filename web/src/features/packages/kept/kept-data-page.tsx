import { Archive } from "lucide-react";
import { Link } from "react-router";
import { PACKAGES } from "@/app/paths";
import { Loaded } from "@/components/loaded";
import { PageHeader } from "@/components/page-header";
import { Row, Rows } from "@/components/rows";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "@/session/session";
import { PackageIcon } from "../catalogue/package-icon";
import { RunningNote } from "../catalogue/running-note";
import { useDialogs } from "../dialogs";
import { VolumeList } from "../volume-list";
import { type PackageVolume, useKeptVolumes } from "../volumes";

/** The data of uninstalled packages, with buttons to delete it. */
export function KeptDataPage() {
  const { t } = useI18n();
  return (
    <>
      <PageHeader title={t("kept.title")} lead={t("kept.lead")} />
      <Loaded query={useKeptVolumes()} loading={t("kept.loading")} error={t("kept.error")}>
        {(volumes) =>
          volumes.length ? (
            <Rows>
              {byPackage(volumes).map((group) => (
                <KeptRow key={`${group[0].repo}/${group[0].name}`} volumes={group} />
              ))}
            </Rows>
          ) : (
            <NothingKept />
          )
        }
      </Loaded>
    </>
  );
}

type Group = [PackageVolume, ...PackageVolume[]];

/** The volumes of each package together, in the order of their first ones. */
export function byPackage(volumes: readonly PackageVolume[]): Group[] {
  const groups = new Map<string, Group>();
  for (const volume of volumes) {
    const key = `${volume.repo}/${volume.name}`;
    const group = groups.get(key);
    if (group) {
      group.push(volume);
    } else {
      groups.set(key, [volume]);
    }
  }
  return Array.from(groups.values());
}

function KeptRow({ volumes }: { volumes: Group }) {
  const { t } = useI18n();
  const { session } = useSession();
  const open = useDialogs();
  const [{ repo, name, version }] = volumes;
  return (
    <Row icon={<PackageIcon name={name} />} title={name} text={t("package.from", { repo })} more={<VolumeList volumes={volumes} />}>
      <RunningNote subject={{ repo, name }}>
        {session?.admin && (
          <Button
            variant="outline"
            className="text-bad hover:bg-bad-soft"
            aria-label={t("kept.delete_name", { name })}
            onClick={() => open({ what: "purge-kept", subject: { repo, name, version } })}
          >
            {t("task.purge-kept_action")}
          </Button>
        )}
      </RunningNote>
    </Row>
  );
}

function NothingKept() {
  const { t } = useI18n();
  return (
    <State
      icon={Archive}
      title={t("kept.none_title")}
      action={
        <Button asChild variant="outline">
          <Link to={PACKAGES}>{t("app.go_home")}</Link>
        </Button>
      }
    >
      {t("kept.none_text")}
    </State>
  );
}
