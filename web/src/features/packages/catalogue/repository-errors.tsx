import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { usePing } from "@/session/ping";

/** Repositories that could not be read or refreshed; their packages may be missing or old. */
export function RepositoryErrors() {
  const { t } = useI18n();
  const errors = Object.entries(usePing().ping?.repository_errors ?? {});
  if (!errors.length) {
    return null;
  }
  return (
    <Notice tone="warn" title={t("packages.repository_errors")} className="mb-5">
      <ul className="mt-1 flex flex-col gap-1">
        {errors.map(([name, error]) => (
          <li key={name}>{t("packages.repository_error", { name, error })}</li>
        ))}
      </ul>
    </Notice>
  );
}
