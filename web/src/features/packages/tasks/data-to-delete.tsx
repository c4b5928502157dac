import type { PackageIdentity } from "@/api/types";
import { ErrorText, Loading } from "@/components/state";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { useVolumesOf } from "../volumes";
import { VolumeList } from "../volume-list";

interface DataToDeleteProps {
  identity: PackageIdentity;
  /** The data in use is deleted too, not only the kept data. */
  installedToo: boolean;
}

/** Lists the volumes that will be deleted. */
export function DataToDelete({ identity, installedToo }: DataToDeleteProps) {
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
  const deleted = volumes.data.filter(({ state }) => installedToo || state === "uninstalled");
  return deleted.length ? (
    <Notice tone="bad" title={t("volume.lost")}>
      <div className="mt-2">
        <VolumeList volumes={deleted} />
      </div>
    </Notice>
  ) : (
    <Notice tone="info">{t("volume.none")}</Notice>
  );
}
