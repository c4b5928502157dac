import { HeartCrack } from "lucide-react";
import { Component, type ReactNode } from "react";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";

/** Shows a message and a reload button when rendering fails. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useI18n();
  return (
    <main className="grid min-h-dvh place-items-center">
      <State icon={HeartCrack} alert title={t("app.broken_title")} action={<Button onClick={() => window.location.reload()}>{t("app.reload")}</Button>}>
        {t("app.broken_text")}
      </State>
    </main>
  );
}
