import { Link, useLocation } from "react-router";
import type { FullVolume, Ping, SpaceThresholds } from "@/api/types";
import { STORAGE } from "@/app/paths";
import { Notice } from "@/components/ui/notice";
import { fullVolumeText, levelOf } from "@/features/storage/volume";
import { type Translate, useI18n } from "@/i18n/i18n";
import { usePing } from "@/session/ping";

/** Notices about the whole appliance: it is still starting, or space is short. */
export function ApplianceNotices() {
  const { t } = useI18n();
  const { ping } = usePing();
  const { pathname } = useLocation();
  return (
    <div className="flex flex-col gap-3 empty:hidden [&:not(:empty)]:mb-6">
      {ping?.boot?.length ? <Notice tone="info">{t("shell.boot")}</Notice> : null}
      {/* The storage page says all of it itself. */}
      {ping && pathname !== STORAGE && <Space ping={ping} />}
    </div>
  );
}

const NONE: FullVolume[] = [];

/** What is short of space, with a link to the page where people can free some. */
function Space({ ping: { space, space_thresholds: thresholds, full_volumes: volumes = NONE } }: { ping: Ping }) {
  const { t } = useI18n();
  const lines = [...(space === "low" || space === "full" ? [t(`shell.space_${space}`)] : []), ...(volumes.length ? [volumesText(t, volumes, thresholds)] : [])];
  if (!lines.length) {
    return null;
  }
  return (
    <Notice tone={space === "full" ? "bad" : "warn"}>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <Link to={STORAGE} className="mt-1 inline-block font-semibold underline underline-offset-2">
        {t("shell.show_storage")}
      </Link>
    </Notice>
  );
}

function volumesText(t: Translate, volumes: readonly FullVolume[], thresholds: SpaceThresholds | undefined): string {
  const [first] = volumes;
  if (!first || volumes.length > 1) {
    return t("shell.volumes_low", { count: volumes.length });
  }
  return t(levelOf(first, thresholds) === "full" ? "shell.volume_full" : "shell.volume_low", { name: fullVolumeText(t, first) });
}
