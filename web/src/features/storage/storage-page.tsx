import { PageHeader } from "@/components/page-header";
import { useI18n } from "@/i18n/i18n";
import { StorageDialogsProvider } from "./dialogs";
import { DiskSummary } from "./disk/disk-summary";
import { UserVolumes } from "./user-volumes/user-volumes";
import { VmImages } from "./images/vm-images";
import { PackageVolumes } from "./packages/package-volumes";

/** The disk, and everything that is stored on it. */
export function StoragePage() {
  const { t } = useI18n();
  return (
    <StorageDialogsProvider>
      <PageHeader title={t("storage.title")} lead={t("storage.lead")} />
      <DiskSummary />
      <UserVolumes />
      <PackageVolumes />
      <VmImages />
    </StorageDialogsProvider>
  );
}
