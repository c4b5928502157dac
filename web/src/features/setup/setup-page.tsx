import { ShieldCheck } from "lucide-react";
import { useI18n } from "@/i18n/i18n";
import { WelcomeLayout } from "@/components/welcome-layout";
import { SetupForm } from "./setup-form";

/** The first run: there is no administrator yet. */
export function SetupPage() {
  const { t } = useI18n();
  return (
    <WelcomeLayout title={t("setup.title")} lead={t("setup.lead")}>
      <SetupForm />
      <p className="mt-5 flex items-start gap-2 text-sm text-muted">
        <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />
        {t("setup.privacy")}
      </p>
    </WelcomeLayout>
  );
}
