import type { ReactNode } from "react";
import { useI18n } from "@/i18n/i18n";
import { Logo } from "./logo";

/** The page before anybody is signed in: the mark, a heading, and one card. */
export function WelcomeLayout({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const { t } = useI18n();
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-lg flex-col justify-center px-4 py-10">
      <title>{`${title} · ${t("app.name")}`}</title>
      <header className="mb-6 flex flex-col items-center text-center">
        <Logo className="mb-4 size-16 drop-shadow-sm" />
        <h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
        <p className="mt-2 max-w-md text-balance text-muted">{lead}</p>
      </header>
      <div className="rounded-2xl border border-line bg-card p-5 shadow-sm sm:p-8">{children}</div>
    </main>
  );
}
