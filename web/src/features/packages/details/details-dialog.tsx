import { CloudDownload, Eraser, Power, Settings2, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { Loading, LoadError } from "@/components/state";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "@/session/session";
import { MASK, SECRET } from "../questions/answers";
import { type Installed, useInstalled } from "../queries";
import { installedIdentity, type Purpose, type Subject } from "../subject";
import type { Task } from "../tasks/task-dialog";
import { VolumeList } from "../volume-list";
import { useVolumesOf } from "../volumes";
import { portLinks } from "./links";
import { Notes } from "./notes";
import { OpenLinks } from "./open-links";

type NextDialog = Purpose | Task | "uninstall";

interface DetailsDialogProps {
  subject: Subject;
  onOpen: (next: NextDialog) => void;
  onClose: () => void;
}

/** What is installed: how to reach it, its notes, what was answered, its data, and what can be done with it. */
export function DetailsDialog({ subject, onOpen, onClose }: DetailsDialogProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const { repo, name, description } = subject;
  const identity = installedIdentity(subject);
  const installed = useInstalled(identity, true);
  return (
    <Dialog
      onClose={onClose}
      title={t("details.title", { name })}
      description={description ?? t("details.description")}
      footer={<Button onClick={onClose}>{t("action.close")}</Button>}
    >
      <div className="flex flex-col gap-6">
        <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
          {t("package.installed_version", { version: identity.version })} · {t("package.from", { repo })}
          {installed.data?.info.disabled && <Badge>{t("details.disabled")}</Badge>}
        </p>
        {installed.isPending && <Loading>{t("details.loading", { name })}</Loading>}
        {installed.isError && <LoadError title={t("details.error")} error={installed.error} retry={() => void installed.refetch()} />}
        {installed.data && (
          <>
            <Content name={name} installed={installed.data} />
            <Volumes subject={subject} />
            {session?.admin && <Actions installed={installed.data} onOpen={onOpen} />}
          </>
        )}
      </div>
    </Dialog>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h3 className="text-sm font-semibold text-muted">{title}</h3>
      {children}
    </section>
  );
}

function Content({ name, installed }: { name: string; installed: Installed }) {
  const { t } = useI18n();
  const { info } = installed;
  const links = info.disabled ? [] : portLinks(installed, window.location.hostname);
  const answered = Object.entries(info.questions).filter(([question]) => info.responses[question]);
  return (
    <>
      {links.length > 0 && (
        <div className="flex flex-wrap gap-2">
          <OpenLinks name={name} links={links} />
        </div>
      )}
      {Object.keys(info.notes).length > 0 && (
        <Section title={t("details.notes")}>
          <Notes {...info} />
        </Section>
      )}
      {answered.length > 0 && (
        <Section title={t("details.answers")}>
          <dl className="flex flex-col gap-3 text-sm">
            {answered.map(([question, { query, type }]) => (
              <div key={question}>
                <dt className="text-muted">{query || question}</dt>
                <dd className="font-medium break-words">{type === SECRET ? MASK : info.responses[question]}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
    </>
  );
}

function Volumes({ subject }: { subject: Subject }) {
  const { t } = useI18n();
  const { version } = installedIdentity(subject);
  const volumes = useVolumesOf(subject).data?.filter((volume) => volume.state === "installed" && volume.version === version);
  return volumes?.length ? (
    <Section title={t("details.volumes")}>
      <VolumeList volumes={volumes} />
    </Section>
  ) : null;
}

function Actions({ installed: { info }, onOpen }: { installed: Installed; onOpen: (next: NextDialog) => void }) {
  const { t } = useI18n();
  const asks = Object.keys(info.questions).length > 0;
  return (
    <Section title={t("details.actions")}>
      <div className="grid gap-2 sm:grid-cols-2">
        {asks && (
          <Button variant="outline" className="justify-start" onClick={() => onOpen("change")}>
            <Settings2 aria-hidden />
            {t("package.change")}
          </Button>
        )}
        <Button variant="outline" className="justify-start" onClick={() => onOpen(info.disabled ? "enable" : "disable")}>
          <Power aria-hidden />
          {t(info.disabled ? "task.enable_action" : "task.disable_action")}
        </Button>
        {info.has_git && (
          <Button variant="outline" className="justify-start" onClick={() => onOpen("rebuild")}>
            <CloudDownload aria-hidden />
            {t("task.rebuild_action")}
          </Button>
        )}
        <Button variant="outline" className="justify-start" onClick={() => onOpen("purge")}>
          <Eraser aria-hidden />
          {t("task.purge_action")}
        </Button>
        <Button variant="outline" className="justify-start text-bad hover:bg-bad-soft" onClick={() => onOpen("uninstall")}>
          <Trash2 aria-hidden />
          {t("package.uninstall")}
        </Button>
      </div>
    </Section>
  );
}
