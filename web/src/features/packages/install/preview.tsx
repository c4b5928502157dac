import { Box, Cable, Cpu, HardDrive, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { InstallPreview, VirtualMachine, Volume } from "@/api/types";
import { Disclosure } from "@/components/ui/disclosure";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { bytesOf, sizeText } from "@/i18n/sizes";

/** What the installation will create, in words. */
export function Preview({ preview }: { preview: InstallPreview }) {
  const { t } = useI18n();
  const { volumes, external_ports: ports, internal_ports: inner, vm } = preview;
  const empty = !volumes.length && !ports.length && !vm;
  return (
    <section className="flex flex-col gap-2 rounded-xl bg-subtle p-4 text-sm">
      <h3 className="font-semibold">{preview.upgrading_from ? t("install.will_change") : t("install.will_make")}</h3>
      {empty && <p className="text-muted">{t("install.nothing_made")}</p>}
      <ul className="flex flex-col gap-1.5">
        {vm && (
          <Row icon={Cpu}>
            <MachineText {...vm} />
          </Row>
        )}
        {volumes.map((volume) => (
          <Row key={volume.name} icon={HardDrive}>
            <VolumeText volume={volume} upgrades={preview.upgrading_from !== undefined} />
          </Row>
        ))}
        {ports.map(({ external }) => (
          <Row key={external} icon={Cable}>
            {t("install.port", { port: external })}
          </Row>
        ))}
      </ul>
      <Space preview={preview} />
      <Disclosure summary={t("install.technical")}>
        <ul className="flex flex-col gap-1.5 text-muted">
          <Row icon={Box}>{t("install.image_name", { image: vm?.image ?? preview.image })}</Row>
          {[...ports, ...inner].map(({ external, internal }) => (
            <Row key={`${external}-${internal}`} icon={Cable}>
              {t("install.mapping", { external, internal })}
            </Row>
          ))}
          {volumes.map(({ name, mountpoint }) => (
            <Row key={name} icon={HardDrive}>
              {t("install.mountpoint", { name, mountpoint })}
            </Row>
          ))}
        </ul>
        <p className="pt-2 text-muted">{preview.summary}</p>
      </Disclosure>
    </section>
  );
}

function Row({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <li className="flex gap-2.5">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
      <span className="min-w-0 break-words">{children}</span>
    </li>
  );
}

function VolumeText({ volume, upgrades }: { volume: Volume; upgrades: boolean }) {
  const { t, locale } = useI18n();
  const { name, migrated } = volume;
  const bytes = bytesOf(volume.quota);
  if (upgrades) {
    return migrated ? t("install.volume_migrated", { name }) : t("install.volume_fresh", { name });
  }
  return bytes ? t("install.volume_quota", { name, quota: sizeText(bytes, locale) }) : t("install.volume", { name });
}

/** The defaults are those of the manifest. */
function MachineText({ memory = "1gb", cpus = 1 }: Pick<VirtualMachine, "memory" | "cpus">) {
  const { t, locale } = useI18n();
  const bytes = bytesOf(memory);
  const told = bytes === null ? (memory ?? "") : sizeText(bytes, locale);
  return cpus === 1 ? t("install.machine_one", { memory: told }) : t("install.machine", { memory: told, cpus });
}

/** The size limits of the volumes in total, beside the free space. */
function Space({ preview: { total_quota: quota, quota_exceeds_disk: exceeds, disk_usage: disk } }: { preview: InstallPreview }) {
  const { t, locale } = useI18n();
  if (!quota || !disk) {
    return exceeds ? <Notice tone="warn">{t("install.too_large")}</Notice> : null;
  }
  const amounts = { quota: sizeText(quota, locale), free: sizeText(disk.available, locale) };
  return exceeds ? (
    <Notice tone="warn" className="my-1" title={t("install.too_large")}>
      {t("install.space", amounts)}
    </Notice>
  ) : (
    <p className="text-muted">{t("install.space", amounts)}</p>
  );
}
