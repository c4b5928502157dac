import type { ReactNode } from "react";
import type { PackageIdentity } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { useRunning } from "@/features/operations/operations";
import { actionOf } from "@/features/operations/action";
import { useI18n } from "@/i18n/i18n";
import { useDialogs } from "../dialogs";

interface RunningNoteProps {
  subject: Pick<PackageIdentity, "repo" | "name">;
  /** What can be done with the package while nothing is being done with it. */
  children: ReactNode;
}

/** What is being done with a package, in place of what could be done. */
export function RunningNote({ subject, children }: RunningNoteProps) {
  const { t } = useI18n();
  const open = useDialogs();
  const running = useRunning(subject);
  if (!running) {
    return children;
  }
  return (
    <>
      <span role="status" className="flex min-h-10 items-center gap-2 text-sm font-medium">
        <Spinner />
        {t(`operation.${actionOf(running)}.short`)}
      </span>
      <Button variant="outline" className="ms-auto" onClick={() => open({ what: "watch", operation: running })}>
        {t("package.show_progress")}
      </Button>
    </>
  );
}
