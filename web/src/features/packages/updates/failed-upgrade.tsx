import { operationError } from "@/api/errors";
import type { PackageIdentity } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { reasonOf } from "@/features/operations/failure";
import { useI18n } from "@/i18n/i18n";
import { useFailedUpgrade } from "./failed-upgrades";

interface FailedUpgradeProps {
  subject: Pick<PackageIdentity, "repo" | "name"> & { installed_version?: string };
  className?: string;
}

/** Says that an upgrade was rolled back, that nothing is lost, and why it failed. */
export function FailedUpgrade({ subject, className }: FailedUpgradeProps) {
  const { t, locale } = useI18n();
  const { failed, dismiss } = useFailedUpgrade(subject);
  if (!failed) {
    return null;
  }
  const { name, installed_version: installed } = subject;
  const versions = { to: failed.version, from: installed ?? "" };
  const whole = failed.state === "undone" && installed;
  return (
    <Notice tone="warn" title={whole ? t("upgrade.rolled_back", versions) : t("upgrade.failed", { to: failed.version })} {...(className && { className })}>
      <p className="line-clamp-4 whitespace-pre-line">{t("upgrade.reason", { reason: reasonOf(operationError(failed).text(locale)) })}</p>
      <Button variant="outline" size="small" className="mt-2" aria-label={t("upgrade.dismiss_name", { name })} onClick={dismiss}>
        {t("upgrade.dismiss")}
      </Button>
    </Notice>
  );
}
