import { RadioGroup } from "radix-ui";
import { useId, useState } from "react";
import type { PackageEntry, PackageIdentity } from "@/api/types";
import { Button } from "@/components/ui/button";
import { classes } from "@/components/ui/classes";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Failure } from "@/features/operations/failure";
import { Steps } from "@/features/operations/steps";
import { useOperation } from "@/features/operations/use-operation";
import { useI18n } from "@/i18n/i18n";
import { useInstalled } from "./queries";

type Fate = "keep" | "purge";

interface UninstallDialogProps {
  entry: PackageEntry;
  running: string | undefined;
  onClose: () => void;
}

/** Removes a package, and asks what shall become of its data. */
export function UninstallDialog(props: UninstallDialogProps) {
  return (
    <DialogFrame onClose={props.onClose}>
      <Uninstallation {...props} />
    </DialogFrame>
  );
}

function Uninstallation({ entry, running, onClose }: UninstallDialogProps) {
  const { t } = useI18n();
  const { name } = entry;
  const [identity] = useState<PackageIdentity>({ repo: entry.repo, name, version: entry.installed_version ?? entry.version });
  const [fate, setFate] = useState<Fate>("keep");
  const { progress, begin } = useOperation(running);
  const uninstall = () => begin("/packages/uninstall", { ...identity, purge_volumes: fate === "purge" });
  const close = (
    <Button variant="outline" onClick={onClose}>
      {t("action.close")}
    </Button>
  );

  switch (progress.phase) {
    case "running":
      return (
        <DialogPanel title={t("progress.uninstall_title", { name })} description={t("progress.description")} footer={close}>
          <Steps operation={progress.operation} />
        </DialogPanel>
      );
    case "succeeded":
      return (
        <DialogPanel title={t("uninstalled.title", { name })} description={t(fate === "purge" ? "uninstalled.purged" : "uninstalled.kept")} footer={close}>
          <Notice tone="good">{t("uninstalled.title", { name })}</Notice>
        </DialogPanel>
      );
    case "failed":
      return (
        <DialogPanel
          title={t("uninstall.failed", { name })}
          description={t("uninstall.failed_description")}
          footer={
            <>
              {close}
              <Button variant="danger" onClick={uninstall}>
                {t("action.retry")}
              </Button>
            </>
          }
        >
          <Failure error={progress.error} />
        </DialogPanel>
      );
    default:
      return (
        <DialogPanel
          title={t("uninstall.title", { name })}
          description={t("uninstall.description")}
          footer={
            <>
              <Button variant="outline" onClick={onClose}>
                {t("action.cancel")}
              </Button>
              <Button variant="danger" onClick={uninstall}>
                {t(fate === "purge" ? "uninstall.submit_purge" : "uninstall.submit_keep")}
              </Button>
            </>
          }
        >
          <FateChoice identity={identity} fate={fate} onChange={setFate} />
        </DialogPanel>
      );
  }
}

function FateChoice({ identity, fate, onChange }: { identity: PackageIdentity; fate: Fate; onChange: (fate: Fate) => void }) {
  const { t } = useI18n();
  const volumes = useInstalled(identity, true).data?.preview?.volumes.map((volume) => volume.name);
  return (
    <div className="flex flex-col gap-4">
      <RadioGroup.Root value={fate} onValueChange={(value) => onChange(value as Fate)} aria-label={t("uninstall.choice")} className="flex flex-col gap-3">
        <FateOption value="keep" title={t("uninstall.keep")} text={t("uninstall.keep_text")} chosen={fate === "keep"} />
        <FateOption value="purge" title={t("uninstall.purge")} text={t("uninstall.purge_text")} chosen={fate === "purge"} />
      </RadioGroup.Root>
      {fate === "purge" && volumes && (
        <Notice tone={volumes.length ? "bad" : "info"}>
          {volumes.length ? t("uninstall.lost", { volumes: volumes.join(", ") }) : t("uninstall.no_volumes")}
        </Notice>
      )}
    </div>
  );
}

function FateOption({ value, title, text, chosen }: { value: Fate; title: string; text: string; chosen: boolean }) {
  const id = useId();
  return (
    <div className={classes("flex items-start gap-3 rounded-xl border p-4", chosen ? "border-primary bg-info-soft" : "border-line")}>
      <RadioGroup.Item id={id} value={value} aria-describedby={`${id}-text`} className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border border-line-strong bg-card data-[state=checked]:border-primary">
        <RadioGroup.Indicator className="size-2.5 rounded-full bg-primary" />
      </RadioGroup.Item>
      <div className="min-w-0">
        <label htmlFor={id} className="block cursor-pointer font-medium">
          {title}
        </label>
        <p id={`${id}-text`} className="mt-0.5 text-sm text-muted">
          {text}
        </p>
      </div>
    </div>
  );
}
