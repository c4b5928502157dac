import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { PackageIcon } from "@/features/packages/catalogue/package-icon";
import { type Translate, useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { SpaceUse } from "../space-use";
import { VolumeActions } from "../volume-actions";
import type { OwnedVolume, PackageNode, Total, VersionNode } from "./tree";

/** A package in the tree, closed until somebody opens it. */
export function PackageBranch({ branch: { repo, name, total, versions } }: { branch: PackageNode }) {
  const { t, locale } = useI18n();
  const id = useId();
  const [opened, setOpened] = useState(false);
  return (
    <li>
      <h3>
        <button
          type="button"
          aria-expanded={opened}
          aria-controls={id}
          className="flex w-full flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl p-4 text-start hover:bg-subtle sm:px-5"
          onClick={() => setOpened(!opened)}
        >
          <ChevronRight aria-hidden className={opened ? "size-5 shrink-0 rotate-90 text-muted" : "size-5 shrink-0 text-muted rtl:rotate-180"} />
          <PackageIcon name={name} />
          <span className="min-w-0 flex-1 basis-40">
            <span className="block font-semibold break-words">{name}</span>
            <span className="mt-0.5 block text-sm break-words text-muted tabular-nums">
              {[t("package.from", { repo }), countText(t, total.volumes), versionText(t, versions.length), totalText(t, locale, total)].join(" · ")}
            </span>
          </span>
          <StateBadges total={total} />
        </button>
      </h3>
      {opened && (
        <ul id={id} className="flex flex-col gap-4 border-t border-line px-4 py-4 sm:ps-12 sm:pe-5">
          {versions.map((version) => (
            <VersionBranch key={version.version} branch={version} only={versions.length === 1} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** A version in the tree. It needs no heading if there is no other. */
function VersionBranch({ branch: { version, total, volumes }, only }: { branch: VersionNode; only: boolean }) {
  const { t, locale } = useI18n();
  return (
    <li>
      {!only && (
        <h4 className="mb-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <span className="font-semibold">{t("package.version", { version })}</span>
          <span className="text-muted tabular-nums">{totalText(t, locale, total)}</span>
          <StateBadges total={total} />
        </h4>
      )}
      <ul className="@container divide-y divide-line">
        {volumes.map((volume) => (
          <VolumeLeaf key={volume.path} volume={volume} />
        ))}
      </ul>
    </li>
  );
}

function VolumeLeaf({ volume }: { volume: OwnedVolume }) {
  const { name, filesystem } = volume;
  return (
    <li className="grid items-center gap-x-6 gap-y-3 py-3 @2xl:grid-cols-[minmax(0,1fr)_14rem_auto]">
      <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium break-all">{name}</span>
        <StateBadges total={{ installed: filesystem.state === "installed", uninstalled: filesystem.state === "uninstalled" }} />
      </span>
      <SpaceUse name={name} use={filesystem} />
      <VolumeActions volume={volume} />
    </li>
  );
}

function StateBadges({ total: { installed, uninstalled } }: { total: Pick<Total, "installed" | "uninstalled"> }) {
  const { t } = useI18n();
  return (
    <span className="flex flex-wrap gap-2 empty:hidden">
      {installed && <Badge tone="good">{t("storage.installed")}</Badge>}
      {uninstalled && <Badge>{t("storage.uninstalled")}</Badge>}
    </span>
  );
}

function countText(t: Translate, count: number): string {
  return count === 1 ? t("package_volumes.volumes_one") : t("package_volumes.volumes", { count });
}

function versionText(t: Translate, count: number): string {
  return count === 1 ? t("package_volumes.versions_one") : t("package_volumes.versions", { count });
}

function totalText(t: Translate, locale: string, { quota, referenced }: Total): string {
  const used = sizeText(referenced, locale);
  return quota ? t("space.used_of", { used, limit: sizeText(quota, locale) }) : t("space.used_unlimited", { used });
}
