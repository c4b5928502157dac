import { useState } from "react";
import type { PackageIdentity } from "@/api/types";
import { ErrorText, Loading } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Choice, Choices } from "@/components/ui/choices";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { Warnings, warningsOf } from "@/features/operations/warnings";
import { useI18n } from "@/i18n/i18n";
import type { ApiMessage } from "@/i18n/message";
import { installedIdentity, type Subject } from "../subject";
import { VolumeList } from "../volume-list";
import { useVolumesOf } from "../volumes";

type Fate = "keep" | "purge";

interface UninstallDialogProps {
  subject: Subject;
  onClose: () => void;
}

/** Uninstalls a package, and asks what happens to its data. */
export function UninstallDialog(props: UninstallDialogProps) {
  return (
    <DialogFrame onClose={props.onClose}>
      <Uninstallation {...props} />
    </DialogFrame>
  );
}

function Uninstallation({ subject, onClose }: UninstallDialogProps) {
  const { t } = useI18n();
  const { name } = subject;
  const identity = installedIdentity(subject);
  const [fate, setFate] = useState<Fate>("keep");
  const [understood, setUnderstood] = useState(false);
  const handle = useOperation(name, "uninstall");
  const { progress } = handle;
  const uninstall = () => handle.start("/packages/uninstall", { ...identity, purge_volumes: fate === "purge" });

  if (progress.phase !== "idle") {
    const again = (
      <Button variant="danger" onClick={uninstall}>
        {t("action.retry")}
      </Button>
    );
    const done = <Uninstalled name={name} fate={fate} warnings={progress.phase === "succeeded" ? warningsOf(progress.operation) : []} onClose={onClose} />;
    return <OperationView action="uninstall" name={name} handle={handle} again={again} done={done} onClose={onClose} />;
  }
  return (
    <DialogPanel
      title={t("uninstall.title", { name })}
      description={t("uninstall.description")}
      footer={
        <>
          <Button variant="outline" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button variant="danger" disabled={fate === "purge" && !understood} onClick={uninstall}>
            {t(`uninstall.submit_${fate}`)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Choices label={t("uninstall.choice")} value={fate} onChange={setFate}>
          <Choice value="keep" chosen={fate === "keep"} title={t("uninstall.keep")} text={t("uninstall.keep_text")} />
          <Choice value="purge" chosen={fate === "purge"} title={t("uninstall.purge")} text={t("uninstall.purge_text")}>
            <Checkbox checked={understood} onChange={setUnderstood}>
              {t("task.understood")}
            </Checkbox>
          </Choice>
        </Choices>
        <Data identity={identity} fate={fate} />
      </div>
    </DialogPanel>
  );
}

/** Lists the volumes that are kept or deleted, and the kept data of earlier versions. */
function Data({ identity, fate }: { identity: PackageIdentity; fate: Fate }) {
  const { t } = useI18n();
  const volumes = useVolumesOf(identity);
  if (volumes.isPending) {
    return <Loading className="py-4">{t("volume.loading")}</Loading>;
  }
  if (volumes.isError) {
    return (
      <Notice tone="warn" title={t("volume.error")}>
        <ErrorText error={volumes.error} />
      </Notice>
    );
  }
  const own = volumes.data.filter(({ state, version }) => state === "installed" && version === identity.version);
  const older = volumes.data.filter(({ state }) => state === "uninstalled");
  return (
    <>
      <Notice tone={fate === "purge" && own.length ? "bad" : "info"} title={own.length ? t(fate === "purge" ? "volume.lost" : "volume.kept") : t("volume.none")}>
        {own.length > 0 && (
          <div className="mt-2">
            <VolumeList volumes={own} />
          </div>
        )}
      </Notice>
      {older.length > 0 && (
        <Notice tone="info" title={t("volume.older")}>
          <div className="mt-2">
            <VolumeList volumes={older} />
          </div>
        </Notice>
      )}
    </>
  );
}

interface UninstalledProps {
  name: string;
  fate: Fate;
  warnings: readonly ApiMessage[];
  onClose: () => void;
}

function Uninstalled({ name, fate, warnings, onClose }: UninstalledProps) {
  const { t } = useI18n();
  return (
    <DialogPanel
      title={t("operation.uninstall.done", { name })}
      description={t(`uninstalled.${fate}`)}
      footer={
        <Button variant="outline" onClick={onClose}>
          {t("action.close")}
        </Button>
      }
    >
      <Warnings warnings={warnings} />
    </DialogPanel>
  );
}
