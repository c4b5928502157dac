import { classes } from "@/components/ui/classes";
import { useI18n } from "@/i18n/i18n";
import type { Connection } from "@/session/ping";

const LOOKS: Record<Connection, { pill: string; dot: string }> = {
  loading: { pill: "bg-subtle text-muted", dot: "bg-muted motion-safe:animate-pulse" },
  online: { pill: "bg-good-soft text-good", dot: "bg-good" },
  offline: { pill: "bg-bad-soft text-bad", dot: "bg-bad" },
};

export function ConnectionPill({ connection }: { connection: Connection }) {
  const { t } = useI18n();
  const { pill, dot } = LOOKS[connection];
  return (
    <span role="status" className={classes("inline-flex items-center gap-2 rounded-full px-3 py-1 text-xs font-medium", pill)}>
      <span aria-hidden className={classes("size-2 rounded-full", dot)} />
      {t(`connection.${connection}`)}
    </span>
  );
}
