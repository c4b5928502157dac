import { PartyPopper } from "lucide-react";
import type { PackageIdentity } from "@/api/types";
import { Loading } from "@/components/state";
import { Button } from "@/components/ui/button";
import { DialogPanel } from "@/components/ui/dialog";
import type { Progress } from "@/features/operations/progress";
import { Warnings, warningsOf } from "@/features/operations/warnings";
import { useI18n } from "@/i18n/i18n";
import { portLinks } from "../details/links";
import { Notes } from "../details/notes";
import { OpenLinks } from "../details/open-links";
import { type Installed, useInstalled } from "../queries";
import type { Purpose } from "../subject";

interface InstalledViewProps {
  identity: PackageIdentity;
  action: Purpose;
  progress: Progress;
  onClose: () => void;
}

/** The result of an installation, with links to the application. */
export function InstalledView({ identity, action, progress, onClose }: InstalledViewProps) {
  const { t } = useI18n();
  const { name } = identity;
  const installed = useInstalled(identity, true);
  return (
    <DialogPanel
      title={t(`operation.${action}.done`, { name })}
      description={t(`operation.${action}.done_text`)}
      footer={
        <Button variant="outline" onClick={onClose}>
          {t("action.done")}
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        <Warnings warnings={progress.phase === "succeeded" ? warningsOf(progress.operation) : []} />
        {installed.isPending && <Loading>{t("details.loading", { name })}</Loading>}
        {installed.data && <NextSteps name={name} installed={installed.data} />}
      </div>
    </DialogPanel>
  );
}

function NextSteps({ name, installed }: { name: string; installed: Installed }) {
  const { t } = useI18n();
  const links = portLinks(installed, window.location.hostname);
  const { notes } = installed.info;
  const noted = Object.keys(notes).length > 0;
  return (
    <>
      <div className="flex flex-col items-center gap-4 rounded-xl bg-good-soft px-4 py-6 text-center">
        <PartyPopper aria-hidden className="size-9 text-good" />
        {links.length > 0 ? (
          <div className="flex flex-wrap justify-center gap-2">
            <OpenLinks name={name} links={links} />
          </div>
        ) : (
          !noted && <p className="text-sm text-muted">{t("installed.no_links")}</p>
        )}
      </div>
      {noted && (
        <section className="flex flex-col gap-3">
          <h3 className="text-sm font-semibold text-muted">{t("installed.notes")}</h3>
          <Notes {...installed.info} />
        </section>
      )}
    </>
  );
}
