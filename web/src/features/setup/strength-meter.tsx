import { classes } from "@/components/ui/classes";
import { useI18n } from "@/i18n/i18n";
import { type Strength, strengthOf } from "./strength";

const BARS: Record<Strength, { filled: number; color: string }> = {
  short: { filled: 1, color: "bg-bad" },
  weak: { filled: 2, color: "bg-accent" },
  fair: { filled: 3, color: "bg-accent" },
  strong: { filled: 4, color: "bg-good" },
};

export function StrengthMeter({ password }: { password: string }) {
  const { t } = useI18n();
  const strength = strengthOf(password);
  const { filled, color } = BARS[strength];
  return (
    <div className="mt-1.5 flex items-center gap-3" aria-live="polite">
      <div aria-hidden className="flex flex-1 gap-1">
        {[0, 1, 2, 3].map((bar) => (
          <span key={bar} className={classes("h-1.5 flex-1 rounded-full", bar < filled ? color : "bg-line")} />
        ))}
      </div>
      <span className="text-xs text-muted">{t("strength.label", { strength: t(`strength.${strength}`) })}</span>
    </div>
  );
}
