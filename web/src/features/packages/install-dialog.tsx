import { useId, useState } from "react";
import type { Answers, PackageEntry } from "@/api/types";
import { Loading, LoadError } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { Failure } from "@/features/operations/failure";
import { Steps } from "@/features/operations/steps";
import { type Progress, useOperation } from "@/features/operations/use-operation";
import { useI18n } from "@/i18n/i18n";
import type { Drafts } from "./answers";
import { InstallForm } from "./install-form";
import { InstalledView } from "./installed-view";
import { type Offer, useOffer } from "./queries";

interface InstallDialogProps {
  entry: PackageEntry;
  /** The installation to look at, if one runs already. */
  running: string | undefined;
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

function Installation({ entry, running, onClose }: InstallDialogProps) {
  const { progress, begin, reset } = useOperation(running);
  const [drafts, setDrafts] = useState<Drafts | null>(null);
  const [changes] = useState(entry.installed);
  const identity = { repo: entry.repo, name: entry.name, version: (changes && entry.installed_version) || entry.version };
  const offer = useOffer(identity, changes, progress.phase === "idle" || progress.phase === "failed");
  const errors = progress.phase === "failed" ? fieldErrors(progress.error.byField, offer.data) : {};
  const install = (responses: Answers, filled: Drafts) => {
    setDrafts(filled);
    begin("/packages/install", { ...identity, responses });
  };

  if (progress.phase === "running") {
    return <RunningView name={entry.name} progress={progress} onClose={onClose} />;
  }
  if (progress.phase === "succeeded") {
    return <InstalledView identity={identity} changed={changes} onClose={onClose} />;
  }
  if (progress.phase === "failed" && !Object.keys(errors).length) {
    return <FailedView name={entry.name} changes={changes} failure={progress} back={reset} onClose={onClose} />;
  }
  return <FormView entry={entry} changes={changes} offer={offer} before={drafts} errors={errors} install={install} onClose={onClose} />;
}

const ANSWER = /^responses\./;

/** The errors that belong to a question, by its name or by its place in the request; others have no field to be shown at. */
function fieldErrors(errors: Record<string, string>, offer: Offer | undefined): Record<string, string> {
  const named = Object.entries(errors).map(([name, error]) => [name.replace(ANSWER, ""), error] as const);
  return Object.fromEntries(named.filter(([name]) => offer && name in offer.questions));
}

interface FormViewProps {
  entry: PackageEntry;
  changes: boolean;
  offer: ReturnType<typeof useOffer>;
  before: Drafts | null;
  errors: Record<string, string>;
  install: (answers: Answers, drafts: Drafts) => void;
  onClose: () => void;
}

function FormView({ entry, changes, offer, before, errors, install, onClose }: FormViewProps) {
  const { t } = useI18n();
  const form = useId();
  const { name, repo, version, description } = entry;
  return (
    <DialogPanel
      title={changes ? t("install.change_title", { name }) : t("install.title", { name })}
      description={description ?? t("install.no_description", { version, repo })}
      footer={
        <>
          <Button variant="outline" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" form={form} disabled={!offer.data}>
            {changes ? t("install.save") : t("install.submit")}
          </Button>
        </>
      }
    >
      {offer.isPending && <Loading>{t("install.loading", { name })}</Loading>}
      {offer.isError && <LoadError title={t("details.error")} error={offer.error} retry={() => void offer.refetch()} />}
      {offer.data && <InstallForm id={form} offer={offer.data} before={before} errors={errors} onSubmit={install} />}
    </DialogPanel>
  );
}

interface RunningViewProps {
  name: string;
  progress: Extract<Progress, { phase: "running" }>;
  onClose: () => void;
}

function RunningView({ name, progress, onClose }: RunningViewProps) {
  const { t } = useI18n();
  return (
    <DialogPanel
      title={t("progress.title", { name })}
      description={t("progress.description")}
      footer={
        <Button variant="outline" onClick={onClose}>
          {t("progress.background")}
        </Button>
      }
    >
      <Steps operation={progress.operation} />
    </DialogPanel>
  );
}

interface FailedViewProps {
  name: string;
  changes: boolean;
  failure: Extract<Progress, { phase: "failed" }>;
  back: () => void;
  onClose: () => void;
}

function FailedView({ name, changes, failure, back, onClose }: FailedViewProps) {
  const { t } = useI18n();
  const undone = changes ? t("failed.change_description") : t("failed.description");
  return (
    <DialogPanel
      title={changes ? t("failed.change_title", { name }) : t("failed.title", { name })}
      description={failure.left ? t("failed.left_description") : undone}
      footer={
        <>
          <Button variant="outline" onClick={back}>
            {t("failed.back")}
          </Button>
          <Button onClick={onClose}>{t("action.close")}</Button>
        </>
      }
    >
      <Failure error={failure.error} />
    </DialogPanel>
  );
}
