import type { PackageIdentity } from "@/api/types";
import { ErrorText, Loading } from "@/components/state";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { useVolumesOf } from "../volumes";
import { VolumeList } from "../volume-list";

interface LossesProps {
  identity: PackageIdentity;
  /** The data that the package works with is lost as well, not only what was kept of it. */
  installedToo: boolean;
}

/** Exactly what will be lost. */
export function Losses({ identity, installedToo }: LossesProps) {
  const { t } = useI18n();
  const volumes = useVolumesOf(identity);
  if (volumes.isPending) {
    return <Loading className="py-4">{t("volume.loading")}</Loading>;
  }
  if (volumes.isError) {
    return (
      <Notice tone="bad" title={t("volume.error")}>
        <ErrorText error={volumes.error} />
      </Notice>
    );
  }
  const lost = volumes.data.filter(({ state }) => installedToo || state === "uninstalled");
  return lost.length ? (
    <Notice tone="bad" title={t("volume.lost")}>
      <div className="mt-2">
        <VolumeList volumes={lost} />
      </div>
    </Notice>
  ) : (
    <Notice tone="info">{t("volume.none")}</Notice>
  );
}
