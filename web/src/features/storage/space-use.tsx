import type { Filesystem } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Meter, type MeterTone } from "@/components/ui/meter";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { useThresholds } from "@/session/thresholds";
import { type Level, levelOf } from "./volume";

export const TONES: Readonly<Record<Level, MeterTone>> = { ok: "plain", low: "warn", full: "bad" };

interface SpaceUseProps {
  /** The name of what uses the space. */
  name: string;
  use: Pick<Filesystem, "quota" | "referenced">;
}

/** How much of its limit something uses, as a bar and in words. */
export function SpaceUse({ name, use }: SpaceUseProps) {
  const { t, locale } = useI18n();
  const thresholds = useThresholds();
  const used = sizeText(use.referenced, locale);
  if (!use.quota) {
    return <span className="text-sm text-muted tabular-nums">{t("space.used_unlimited", { used })}</span>;
  }
  const level = levelOf(use, thresholds);
  const text = t("space.used_of", { used, limit: sizeText(use.quota, locale) });
  return (
    <div className="flex flex-col gap-1.5">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm tabular-nums">
        {text}
        <LevelBadge level={level} />
      </span>
      <Meter label={t("space.of", { name })} text={text} share={use.referenced / use.quota} tone={TONES[level]} />
    </div>
  );
}

/** Says that something is full, or will be soon. */
export function LevelBadge({ level }: { level: Level }) {
  const { t } = useI18n();
  return level === "ok" ? null : <Badge tone={level === "full" ? "bad" : "warn"}>{t(`space.${level}`)}</Badge>;
}
