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
  /** Shown while no operation runs on the package. */
  children: ReactNode;
}

/** Shows the operation that runs on a package, in place of its buttons. */
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
