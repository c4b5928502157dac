import { LogOut } from "lucide-react";
import { Logo } from "@/components/logo";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { usePing } from "@/session/ping";
import { useSession } from "@/session/session";
import { ConnectionPill } from "./connection-pill";
import { useSignOut } from "./sign-out";

export function TopBar() {
  const { t } = useI18n();
  const { session } = useSession();
  const { connection } = usePing();
  const signOut = useSignOut();
  const username = session?.username ?? "";
  return (
    <header className="sticky top-0 z-30 flex h-16 items-center gap-2 border-b border-line bg-paper/90 px-4 backdrop-blur-sm sm:gap-3 sm:px-8">
      <div className="flex items-center gap-2 md:hidden">
        <Logo className="size-8" />
        <span className="sr-only">{t("app.name")}</span>
      </div>
      <div className="ms-auto flex min-w-0 items-center gap-2 sm:gap-3">
        <ConnectionPill connection={connection} />
        <span className="flex min-w-0 items-center gap-2 text-sm font-medium">
          <span className="sr-only">{t("shell.signed_in_as", { name: username })}</span>
          <span aria-hidden className="max-w-40 truncate max-sm:max-w-20">
            {username}
          </span>
          {session?.admin && <Badge tone="info">{t("shell.admin")}</Badge>}
        </span>
        <Button variant="ghost" className="px-3" onClick={signOut}>
          <LogOut aria-hidden className="rtl:rotate-180" />
          <span className="max-sm:sr-only">{t("shell.sign_out")}</span>
        </Button>
      </div>
    </header>
  );
}
