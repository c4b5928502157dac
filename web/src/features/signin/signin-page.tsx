import { useI18n } from "@/i18n/i18n";
import { WelcomeLayout } from "@/components/welcome-layout";
import { SignInForm } from "./signin-form";

export function SignInPage() {
  const { t } = useI18n();
  return (
    <WelcomeLayout title={t("login.title")} lead={t("login.lead")}>
      <SignInForm />
    </WelcomeLayout>
  );
}
