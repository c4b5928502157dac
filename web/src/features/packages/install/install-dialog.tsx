import { useId, useState } from "react";
import { Loading, LoadError } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { useI18n } from "@/i18n/i18n";
import type { Purpose, Subject } from "../subject";
import { FailedUpgrade } from "../updates/failed-upgrade";
import { type FormValues, requestOf } from "./form-values";
import { InstallForm } from "./install-form";
import { InstalledView } from "./installed-view";
import { type InstallInfo, useInstallInfo } from "./install-info";
import { VersionSelect } from "./version-select";

interface InstallDialogProps {
  purpose: Purpose;
  subject: Subject;
  onClose: () => void;
}

/** Asks the questions, installs, and links to the running application. */
export function InstallDialog(props: InstallDialogProps) {
  return (
    <DialogFrame onClose={props.onClose}>
      <Installation {...props} />
    </DialogFrame>
  );
}

function Installation({ purpose, subject, onClose }: InstallDialogProps) {
  const { t, locale } = useI18n();
  const { repo, name, installed_version: installed } = subject;
  const [version, setVersion] = useState((purpose === "change" && installed) || subject.version);
  const [values, setValues] = useState<FormValues | null>(null);
  const handle = useOperation(name, purpose);
  const { progress, start, reset } = handle;
  const identity = { repo, name, version };
  const info = useInstallInfo(identity, purpose === "install" ? undefined : installed, progress.phase === "idle" || progress.phase === "failed");
  const errors = progress.phase === "failed" ? fieldErrors(progress.error.byField(locale), info.data) : {};

  if (progress.phase === "idle" || Object.keys(errors).length) {
    const choose = (chosen: string) => {
      setVersion(chosen);
      setValues(null);
      reset();
    };
    const install = (next: FormValues, asked: InstallInfo) => {
      setValues(next);
      start("/packages/install", { ...identity, ...requestOf(next, asked) });
    };
    return <FormView purpose={purpose} subject={subject} version={version} setVersion={choose} info={info} before={values} errors={errors} install={install} onClose={onClose} />;
  }
  return (
    <OperationView
      action={purpose}
      name={name}
      handle={handle}
      again={
        <Button variant="outline" onClick={reset}>
          {t("failed.back")}
        </Button>
      }
      done={<InstalledView identity={identity} action={purpose} progress={progress} onClose={onClose} />}
      onClose={onClose}
    />
  );
}

const ANSWER = /^responses\./;

/** The errors that belong to a question, by its name or by its place in the request; others have no field to be shown at. */
function fieldErrors(errors: Record<string, string>, info: InstallInfo | undefined): Record<string, string> {
  const named = Object.entries(errors).map(([name, error]) => [name.replace(ANSWER, ""), error] as const);
  return Object.fromEntries(named.filter(([name]) => info && name in info.questions));
}

interface FormViewProps {
  purpose: Purpose;
  subject: Subject;
  version: string;
  setVersion: (version: string) => void;
  info: ReturnType<typeof useInstallInfo>;
  before: FormValues | null;
  errors: Record<string, string>;
  install: (values: FormValues, info: InstallInfo) => void;
  onClose: () => void;
}

function FormView({ purpose, subject, version, setVersion, info, before, errors, install, onClose }: FormViewProps) {
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
          <Button type="submit" form={form} disabled={!info.data}>
            {t(`install.${purpose}_submit`)}
          </Button>
        </>
      }
    >
      {purpose === "upgrade" && <FailedUpgrade subject={subject} className="mb-5" />}
      {info.isPending && <Loading>{t("install.loading", { name })}</Loading>}
      {info.isError && (
        <>
          <LoadError title={t("install.error", { version })} error={info.error} retry={() => void info.refetch()} />
          {purpose !== "change" && <VersionSelect subject={subject} version={version} onChange={setVersion} />}
        </>
      )}
      {info.data && (
        <InstallForm
          key={version}
          id={form}
          purpose={purpose}
          subject={subject}
          version={version}
          setVersion={setVersion}
          info={info.data}
          before={before}
          errors={errors}
          onSubmit={(values) => install(values, info.data)}
        />
      )}
    </DialogPanel>
  );
}
