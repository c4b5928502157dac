import type { ReactNode } from "react";
import { Logo } from "@/components/logo";
import { useI18n } from "@/i18n/i18n";
import { Navigation } from "./navigation";
import { ApplianceNotices } from "./appliance-notices";
import { TopBar } from "./top-bar";

/** Sidebar, top bar and content. On a phone the sidebar becomes a bar at the bottom, in reach of the thumb. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  return (
    <div className="min-h-dvh md:ps-64">
      <a href="#content" className="sr-only z-50 rounded-lg bg-primary px-4 py-2 text-on-primary focus:not-sr-only focus:fixed focus:start-3 focus:top-3">
        {t("app.skip")}
      </a>
      <aside className="fixed inset-y-0 start-0 z-30 hidden w-64 flex-col border-e border-line bg-card md:flex">
        <div className="flex h-16 items-center gap-3 border-b border-line bg-banner px-5">
          <Logo className="size-9" />
          <span className="text-lg font-semibold tracking-tight">{t("app.name")}</span>
        </div>
        <Navigation className="flex flex-col gap-1 p-3" itemClassName="min-h-11 gap-3 px-3 text-sm" />
      </aside>
      <TopBar />
      <main id="content" tabIndex={-1} className="mx-auto w-full max-w-6xl px-4 pt-6 pb-28 outline-none sm:px-8 sm:pt-8 md:pb-12">
        <ApplianceNotices />
        {children}
      </main>
      <Navigation
        className="fixed inset-x-0 bottom-0 z-30 flex gap-1 border-t border-line bg-card p-1.5 pb-[max(0.375rem,env(safe-area-inset-bottom))] md:hidden"
        itemClassName="min-h-12 flex-1 flex-col justify-center gap-0.5 text-xs"
      />
    </div>
  );
}
