import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { SpaceUse } from "../space-use";
import type { StoredVolume } from "../volume";

/** The facts about a volume. */
export function VolumeFacts({ volume: { name, filesystem, owner, service } }: { volume: StoredVolume }) {
  const { t, locale } = useI18n();
  const facts = owner
    ? [
        [t("facts.name"), name],
        [t("facts.package"), t("facts.package_version", { name: owner.name, version: owner.version })],
        [t("facts.state"), t(filesystem.state === "uninstalled" ? "storage.uninstalled" : "storage.installed")],
        [t("facts.service"), service ?? t("facts.no_service")],
      ]
    : [];
  return (
    <div className="flex flex-col gap-4 rounded-xl bg-subtle p-4">
      {facts.length > 0 && (
        <dl className="grid gap-x-4 gap-y-1.5 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
          {facts.map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="break-all max-sm:mb-1.5">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <SpaceUse name={name} use={filesystem} />
      {filesystem.exclusive < filesystem.referenced && (
        <p className="text-sm text-muted">{t("facts.exclusive", { size: sizeText(filesystem.exclusive, locale) })}</p>
      )}
    </div>
  );
}
