import { Cable, HardDrive } from "lucide-react";
import type { ReactNode } from "react";
import type { InstallPreview } from "@/api/types";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { readableQuota } from "./quota";

/** What installing will make, in words. */
export function Preview({ preview }: { preview: InstallPreview }) {
  const { t } = useI18n();
  const empty = !preview.volumes.length && !preview.external_ports.length;
  return (
    <section className="flex flex-col gap-2 rounded-xl bg-subtle p-4 text-sm">
      <h3 className="font-semibold">{t("install.will_make")}</h3>
      {empty && <p className="text-muted">{t("install.nothing_made")}</p>}
      <ul className="flex flex-col gap-1.5">
        {preview.volumes.map(({ name, quota }) => (
          <Row key={name} icon={<HardDrive aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />}>
            <VolumeText name={name} quota={readableQuota(quota)} />
          </Row>
        ))}
        {preview.external_ports.map(({ external }) => (
          <Row key={external} icon={<Cable aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />}>
            {t("install.port", { port: external })}
          </Row>
        ))}
      </ul>
      {preview.quota_exceeds_disk && (
        <Notice tone="warn" className="mt-1">
          {t("install.too_large")}
        </Notice>
      )}
      <details className="text-muted">
        <summary className="w-fit cursor-pointer rounded-sm py-1">{t("install.image")}</summary>
        <p className="pt-1 break-words">{t("install.image_name", { image: preview.image })}</p>
      </details>
    </section>
  );
}

function Row({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex gap-2.5">
      {icon}
      <span className="min-w-0 break-words">{children}</span>
    </li>
  );
}

function VolumeText({ name, quota }: { name: string; quota: string | null }) {
  const { t } = useI18n();
  return quota ? t("install.volume_quota", { name, quota }) : t("install.volume", { name });
}
