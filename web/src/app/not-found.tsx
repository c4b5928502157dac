import { Signpost } from "lucide-react";
import { Link } from "react-router";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { HOME } from "./paths";

export function NotFound() {
  const { t } = useI18n();
  return (
    <State
      icon={Signpost}
      title={t("app.not_found_title")}
      action={
        <Button asChild variant="outline">
          <Link to={HOME}>{t("app.go_home")}</Link>
        </Button>
      }
    >
      {t("app.not_found_text")}
    </State>
  );
}
