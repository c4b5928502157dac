import { HardDrive } from "lucide-react";
import type { DiskUsage, Ping } from "@/api/types";
import { Meter } from "@/components/ui/meter";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { usePing } from "@/session/ping";
import { LevelBadge, TONES } from "../space-use";
import { FullVolumes } from "./full-volumes";

/** The whole disk: used and free space, and the volumes that are nearly full. */
export function DiskSummary() {
  const { ping } = usePing();
  if (!ping?.disk_usage) {
    return null;
  }
  return <Summary disk={ping.disk_usage} ping={ping} />;
}

function Summary({ disk, ping }: { disk: DiskUsage; ping: Ping }) {
  const { t, locale } = useI18n();
  const level = ping.space ?? "ok";
  const amounts = { used: sizeText(disk.used, locale), total: sizeText(disk.total, locale), free: sizeText(disk.available, locale) };
  const text = t("disk.used_of", amounts);
  return (
    <section aria-label={t("disk.title")} className="rounded-2xl border border-line bg-card p-4 shadow-xs sm:p-5">
      <div className="flex items-start gap-4">
        <span className="grid size-12 shrink-0 place-items-center rounded-xl bg-subtle text-muted max-sm:hidden">
          <HardDrive aria-hidden className="size-6" />
        </span>
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-semibold">{t("disk.free", amounts)}</span>
            <LevelBadge level={level} />
          </p>
          <Meter className="my-2.5 h-3" label={t("disk.title")} text={text} share={disk.total ? disk.used / disk.total : 0} tone={TONES[level]} />
          <p className="text-sm text-muted tabular-nums">{text}</p>
          <p className="mt-1 text-sm text-muted">{t(`disk.${level}_text`)}</p>
        </div>
      </div>
      <FullVolumes volumes={ping.full_volumes ?? []} />
    </section>
  );
}
