import type { FullVolume } from "@/api/types";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { useThresholds } from "@/session/thresholds";
import { fullVolumeText, levelOf } from "../volume";

/** The volumes that have reached their size limit or will soon. */
export function FullVolumes({ volumes }: { volumes: readonly FullVolume[] }) {
  const { t, locale } = useI18n();
  const thresholds = useThresholds();
  if (!volumes.length) {
    return null;
  }
  const lineOf = (volume: FullVolume) => {
    const amounts = { used: sizeText(volume.referenced, locale), limit: sizeText(volume.quota, locale) };
    return t(levelOf(volume, thresholds) === "full" ? "disk.volume_full" : "disk.volume_low", { name: fullVolumeText(t, volume), ...amounts });
  };
  return (
    <Notice tone="warn" className="mt-4" title={t("disk.full_volumes")}>
      <ul className="mt-1 flex list-disc flex-col gap-0.5 ps-5">
        {volumes.map((volume) => (
          <li key={volume.internal_name ?? volume.name}>{lineOf(volume)}</li>
        ))}
      </ul>
      <p className="mt-2">{t("disk.full_volumes_text")}</p>
    </Notice>
  );
}
