import { HardDrive } from "lucide-react";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import type { PackageVolume } from "./volumes";

/** Volumes by name, version and how large they may be. */
export function VolumeList({ volumes }: { volumes: readonly PackageVolume[] }) {
  const { t, locale } = useI18n();
  const text = ({ volume, version, quota }: PackageVolume) =>
    quota ? t("volume.sized", { volume, version, quota: sizeText(quota, locale) }) : t("volume.plain", { volume, version });
  return (
    <ul className="flex flex-col gap-1.5 text-sm">
      {volumes.map((volume) => (
        <li key={`${volume.state}/${volume.version}/${volume.volume}`} className="flex gap-2.5">
          <HardDrive aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
          <span className="min-w-0 break-words">{text(volume)}</span>
        </li>
      ))}
    </ul>
  );
}
