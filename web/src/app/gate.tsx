import { CloudOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Navigate, useLocation } from "react-router";
import { Logo } from "@/components/logo";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { usePing } from "@/session/ping";
import { useSession } from "@/session/session";
import { HOME, LOGIN, SETUP } from "./paths";

type Place = "setup" | "login" | "inside";

/**
 * Lets people only to where they belong now: the first run, signing in, or the inside.
 *
 * Who has to sign in first comes back to where they wanted to go.
 */
export function Gate({ place, children }: { place: Place; children: ReactNode }) {
  const { session } = useSession();
  const { ping, connection, refetch } = usePing();
  const { pathname, state: wanted } = useLocation() as { pathname: string; state: unknown };
  if (!ping && session === null) {
    return connection === "offline" ? <Unreachable retry={() => void refetch()} /> : <Splash />;
  }
  const belongs: Place = session ? "inside" : ping?.needs_setup ? "setup" : "login";
  if (belongs === place) {
    return children;
  }
  if (belongs === "inside") {
    return <Navigate to={typeof wanted === "string" ? wanted : HOME} replace />;
  }
  return <Navigate to={belongs === "setup" ? SETUP : LOGIN} replace state={place === "inside" ? pathname : null} />;
}

const SPLASH_AFTER_MILLISECONDS = 250;

/** Appears only if the answer takes a moment, so that quick starts do not flicker. */
function Splash() {
  const { t } = useI18n();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SPLASH_AFTER_MILLISECONDS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="grid min-h-dvh place-items-center">
      <div role="status" className="flex flex-col items-center gap-4 text-sm text-muted">
        {shown && (
          <>
            <Logo className="size-16 motion-safe:animate-pulse" />
            {t("app.starting")}
          </>
        )}
      </div>
    </main>
  );
}

function Unreachable({ retry }: { retry: () => void }) {
  const { t } = useI18n();
  return (
    <main className="grid min-h-dvh place-items-center">
      <State
        icon={CloudOff}
        alert
        title={t("app.unreachable_title")}
        action={
          <Button variant="outline" onClick={retry}>
            {t("action.retry")}
          </Button>
        }
      >
        {t("app.unreachable_text")}
      </State>
    </main>
  );
}
