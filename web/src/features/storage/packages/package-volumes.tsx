import { FolderTree } from "lucide-react";
import { Link } from "react-router";
import { PACKAGES } from "@/app/paths";
import { Loaded } from "@/components/loaded";
import { usePersistentFlag } from "@/components/persistent-flag";
import { Section } from "@/components/section";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { useI18n } from "@/i18n/i18n";
import { usePackageVolumes } from "../queries";
import { storedVolume } from "../volume";
import { PackageBranch } from "./package-branch";
import { treeOf } from "./tree";

/** The volumes of packages, package by package. */
export function PackageVolumes() {
  const { t } = useI18n();
  const [uninstalledToo, setUninstalledToo] = usePersistentFlag("storage_show_uninstalled", false);
  const volumes = usePackageVolumes(uninstalledToo);
  return (
    <Section
      title={t("package_volumes.title")}
      lead={t("package_volumes.lead")}
      actions={
        <Checkbox checked={uninstalledToo} onChange={setUninstalledToo}>
          {t("package_volumes.show_uninstalled")}
        </Checkbox>
      }
    >
      <Loaded query={volumes} loading={t("package_volumes.loading")} error={t("package_volumes.error")}>
        {(found) =>
          found.length ? (
            <ul className="divide-y divide-line rounded-2xl border border-line bg-card shadow-xs">
              {treeOf(found.map(storedVolume)).map((branch) => (
                <PackageBranch key={`${branch.repo}/${branch.name}`} branch={branch} />
              ))}
            </ul>
          ) : (
            <NoVolumes />
          )
        }
      </Loaded>
    </Section>
  );
}

function NoVolumes() {
  const { t } = useI18n();
  return (
    <State
      icon={FolderTree}
      title={t("package_volumes.none_title")}
      action={
        <Button asChild variant="outline">
          <Link to={PACKAGES}>{t("app.go_home")}</Link>
        </Button>
      }
    >
      {t("package_volumes.none_text")}
    </State>
  );
}
