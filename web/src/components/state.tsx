import { CloudOff, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";
import { useI18n } from "@/i18n/i18n";
import { Button } from "./ui/button";
import { classes } from "./ui/classes";
import { Spinner } from "./ui/spinner";

interface StateProps {
  icon: LucideIcon;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  alert?: boolean;
  className?: string;
}

/** What a list shows instead of entries. */
export function State({ icon: Icon, title, children, action, alert = false, className }: StateProps) {
  return (
    <div role={alert ? "alert" : "status"} className={classes("flex flex-col items-center px-6 py-14 text-center", className)}>
      <div className={classes("mb-4 grid size-14 place-items-center rounded-2xl", alert ? "bg-bad-soft text-bad" : "bg-subtle text-muted")}>
        <Icon aria-hidden className="size-7" />
      </div>
      <p className="text-base font-semibold break-words">{title}</p>
      {children && <div className="mt-1 max-w-md text-sm break-words text-muted">{children}</div>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  );
}

/** Something could not be loaded. */
export function LoadError({ title, error, retry }: { title: string; error: unknown; retry: () => void }) {
  const { t } = useI18n();
  return (
    <State
      icon={CloudOff}
      alert
      title={title}
      action={
        <Button variant="outline" onClick={retry}>
          {t("action.retry")}
        </Button>
      }
    >
      <ErrorText error={error} />
    </State>
  );
}

/** The text of an error. */
export function ErrorText({ error }: { error: unknown }) {
  const { t, locale } = useI18n();
  if (!(error instanceof ApiError)) {
    return t("error.unexpected");
  }
  return error.offline ? t("error.offline") : error.text(locale);
}

/** Something is being loaded. */
export function Loading({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div role="status" className={classes("flex items-center justify-center gap-3 px-6 py-14 text-sm text-muted", className)}>
      <Spinner className="size-5" />
      {children}
    </div>
  );
}
