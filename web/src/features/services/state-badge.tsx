import type { Unit } from "@/api/types";
import { Badge, type Tone } from "@/components/ui/badge";
import type { Key } from "@/i18n/catalogue";
import { useI18n } from "@/i18n/i18n";

interface Look {
  tone: Tone;
  text: Extract<Key, `state.${string}`>;
}

const LOOKS: Readonly<Partial<Record<string, Look>>> = {
  active: { tone: "good", text: "state.active" },
  activating: { tone: "warn", text: "state.activating" },
  deactivating: { tone: "warn", text: "state.deactivating" },
  reloading: { tone: "warn", text: "state.reloading" },
  failed: { tone: "bad", text: "state.failed" },
  inactive: { tone: "neutral", text: "state.inactive" },
};
const UNKNOWN: Look = { tone: "neutral", text: "state.unknown" };

/** How a service stands, in one word; systemd's own words on hover. */
export function StateBadge({ unit }: { unit: Unit }) {
  const { t } = useI18n();
  const { tone, text } = LOOKS[unit.ActiveState] ?? UNKNOWN;
  return (
    <Badge tone={tone} title={`${unit.ActiveState} (${unit.SubState})`}>
      <span aria-hidden className="size-2 rounded-full bg-current" />
      {t(text)}
    </Badge>
  );
}
