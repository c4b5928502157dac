import { Settings2 } from "lucide-react";
import type { PackageEntry, PackageIdentity } from "@/api/types";
import { Loading, LoadError } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useI18n } from "@/i18n/i18n";
import { useSession } from "@/session/session";
import { MASK, SECRET } from "./answers";
import { portLinks } from "./links";
import { Notes } from "./notes";
import { OpenLinks } from "./open-links";
import { type Installed, useInstalled } from "./queries";

interface DetailsDialogProps {
  entry: PackageEntry;
  onChange: () => void;
  onClose: () => void;
}

/** What is installed: how to reach it, its notes, and what was answered. */
export function DetailsDialog({ entry, onChange, onClose }: DetailsDialogProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const { repo, name, description } = entry;
  const identity: PackageIdentity = { repo, name, version: entry.installed_version ?? entry.version };
  const installed = useInstalled(identity, true);
  return (
    <Dialog
      onClose={onClose}
      title={t("details.title", { name })}
      description={description ?? t("details.description")}
      footer={
        <>
          {session?.admin && installed.data && Object.keys(installed.data.info.questions).length > 0 && (
            <Button variant="outline" onClick={onChange}>
              <Settings2 aria-hidden />
              {t("package.change")}
            </Button>
          )}
          <Button onClick={onClose}>{t("action.close")}</Button>
        </>
      }
    >
      <div className="flex flex-col gap-6">
        <p className="text-sm text-muted">
          {t("package.installed_version", { version: identity.version })} · {t("package.from", { repo })}
        </p>
        {installed.isPending && <Loading>{t("details.loading", { name })}</Loading>}
        {installed.isError && <LoadError title={t("details.error")} error={installed.error} retry={() => void installed.refetch()} />}
        {installed.data && <Content name={name} installed={installed.data} />}
      </div>
    </Dialog>
  );
}

function Content({ name, installed }: { name: string; installed: Installed }) {
  const { t } = useI18n();
  const { info } = installed;
  const links = portLinks(installed, window.location.hostname);
  const answered = Object.entries(info.questions).filter(([question]) => info.responses[question]);
  return (
    <>
      {links.length > 0 && (
        <div className="flex flex-wrap gap-2">
          <OpenLinks name={name} links={links} />
        </div>
      )}
      {Object.keys(info.notes).length > 0 && (
        <section className="flex flex-col gap-3">
          <h3 className="text-sm font-semibold text-muted">{t("details.notes")}</h3>
          <Notes {...info} />
        </section>
      )}
      {answered.length > 0 && (
        <section className="flex flex-col gap-3">
          <h3 className="text-sm font-semibold text-muted">{t("details.answers")}</h3>
          <dl className="flex flex-col gap-3 text-sm">
            {answered.map(([question, { query, type }]) => (
              <div key={question}>
                <dt className="text-muted">{query || question}</dt>
                <dd className="font-medium break-words">{type === SECRET ? MASK : info.responses[question]}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}
