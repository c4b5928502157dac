import { useId, useState } from "react";
import { Loading, LoadError } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { useI18n } from "@/i18n/i18n";
import type { Purpose, Subject } from "../subject";
import { FailedUpgrade } from "../updates/failed-upgrade";
import { type Filled, requestOf } from "./filled";
import { InstallForm } from "./install-form";
import { InstalledView } from "./installed-view";
import { type Offer, useOffer } from "./offer";
import { VersionSelect } from "./version-select";

interface InstallDialogProps {
  purpose: Purpose;
  subject: Subject;
  onClose: () => void;
}

/** From the questions to the opened page. */
export function InstallDialog(props: InstallDialogProps) {
  return (
    <DialogFrame onClose={props.onClose}>
      <Installation {...props} />
    </DialogFrame>
  );
}

function Installation({ purpose, subject, onClose }: InstallDialogProps) {
  const { t } = useI18n();
  const { repo, name, installed_version: installed } = subject;
  const [version, setVersion] = useState((purpose === "change" && installed) || subject.version);
  const [filled, setFilled] = useState<Filled | null>(null);
  const handle = useOperation(name, purpose);
  const { progress, begin, reset } = handle;
  const identity = { repo, name, version };
  const offer = useOffer(identity, purpose === "install" ? undefined : installed, progress.phase === "idle" || progress.phase === "failed");
  const errors = progress.phase === "failed" ? fieldErrors(progress.error.byField, offer.data) : {};

  if (progress.phase === "idle" || Object.keys(errors).length) {
    const choose = (chosen: string) => {
      setVersion(chosen);
      setFilled(null);
      reset();
    };
    const install = (next: Filled, asked: Offer) => {
      setFilled(next);
      begin("/packages/install", { ...identity, ...requestOf(next, asked) });
    };
    return <FormView purpose={purpose} subject={subject} version={version} setVersion={choose} offer={offer} before={filled} errors={errors} install={install} onClose={onClose} />;
  }
  return (
    <OperationView
      work={purpose}
      name={name}
      handle={handle}
      again={
        <Button variant="outline" onClick={reset}>
          {t("failed.back")}
        </Button>
      }
      done={<InstalledView identity={identity} work={purpose} progress={progress} onClose={onClose} />}
      onClose={onClose}
    />
  );
}

const ANSWER = /^responses\./;

/** The errors that belong to a question, by its name or by its place in the request; others have no field to be shown at. */
function fieldErrors(errors: Record<string, string>, offer: Offer | undefined): Record<string, string> {
  const named = Object.entries(errors).map(([name, error]) => [name.replace(ANSWER, ""), error] as const);
  return Object.fromEntries(named.filter(([name]) => offer && name in offer.questions));
}

interface FormViewProps {
  purpose: Purpose;
  subject: Subject;
  version: string;
  setVersion: (version: string) => void;
  offer: ReturnType<typeof useOffer>;
  before: Filled | null;
  errors: Record<string, string>;
  install: (filled: Filled, offer: Offer) => void;
  onClose: () => void;
}

function FormView({ purpose, subject, version, setVersion, offer, before, errors, install, onClose }: FormViewProps) {
  const { t } = useI18n();
  const form = useId();
  const { name, repo, description } = subject;
  const installed = subject.installed_version ?? version;
  const about = {
    install: description ?? t("install.no_description", { version, repo }),
    change: description ?? t("install.no_description", { version, repo }),
    upgrade: installed === version ? t("upgrade.same_version", { version }) : t("upgrade.description", { from: installed, to: version }),
  };
  return (
    <DialogPanel
      title={t(`install.${purpose}_title`, { name })}
      description={about[purpose]}
      footer={
        <>
          <Button variant="outline" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" form={form} disabled={!offer.data}>
            {t(`install.${purpose}_submit`)}
          </Button>
        </>
      }
    >
      {purpose === "upgrade" && <FailedUpgrade subject={subject} className="mb-5" />}
      {offer.isPending && <Loading>{t("install.loading", { name })}</Loading>}
      {offer.isError && (
        <>
          <LoadError title={t("install.error", { version })} error={offer.error} retry={() => void offer.refetch()} />
          {purpose !== "change" && <VersionSelect subject={subject} version={version} onChange={setVersion} />}
        </>
      )}
      {offer.data && (
        <InstallForm
          key={version}
          id={form}
          purpose={purpose}
          subject={subject}
          version={version}
          setVersion={setVersion}
          offer={offer.data}
          before={before}
          errors={errors}
          onSubmit={(filled) => install(filled, offer.data)}
        />
      )}
    </DialogPanel>
  );
}
