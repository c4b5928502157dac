import { useI18n } from "@/i18n/i18n";
import type { ApiError } from "@/api/errors";
import { Notice } from "@/components/ui/notice";

/** Why an operation failed: the reason, and below it the last lines of the log if the appliance has sent some. */
export function Failure({ error }: { error: ApiError }) {
  const { t, locale } = useI18n();
  const { reason, log } = split(error.text(locale));
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="bad" title={t("failed.reason")}>
        {error.offline ? t("error.offline") : reason}
      </Notice>
      {log && (
        <div>
          <p className="mb-1.5 text-sm font-medium">{t("failed.log")}</p>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
          <pre tabIndex={0} className="max-h-60 overflow-auto rounded-xl bg-terminal p-4 font-mono text-xs leading-relaxed whitespace-pre-wrap text-terminal-ink">
            {log}
          </pre>
        </div>
      )}
    </div>
  );
}

/** The first line is the reason, what follows it is the log. */
function split(detail: string): { reason: string; log: string } {
  const [reason = "", ...log] = detail.split("\n");
  return { reason, log: log.join("\n").trim() };
}

export function reasonOf(detail: string): string {
  return split(detail).reason;
}
