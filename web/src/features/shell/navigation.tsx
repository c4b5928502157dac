import { Activity, CircleArrowUp, HardDrive, LayoutGrid, type LucideIcon } from "lucide-react";
import { NavLink } from "react-router";
import { PACKAGES, SERVICES, STORAGE, UPDATES } from "@/app/paths";
import { classes } from "@/components/ui/classes";
import { useI18n } from "@/i18n/i18n";
import { usePing } from "@/session/ping";
import type { Key } from "@/i18n/catalogue";

interface Destination {
  path: string;
  label: Extract<Key, "nav.packages" | "nav.updates" | "nav.storage" | "nav.services">;
  icon: LucideIcon;
}

const DESTINATIONS: readonly Destination[] = [
  { path: PACKAGES, label: "nav.packages", icon: LayoutGrid },
  { path: UPDATES, label: "nav.updates", icon: CircleArrowUp },
  { path: STORAGE, label: "nav.storage", icon: HardDrive },
  { path: SERVICES, label: "nav.services", icon: Activity },
];

/** The ways through the page: below each other in the sidebar, beside each other at the bottom of a phone. */
export function Navigation({ className, itemClassName }: { className: string; itemClassName: string }) {
  const { t } = useI18n();
  return (
    <nav aria-label={t("nav.label")} className={className}>
      {DESTINATIONS.map(({ path, label, icon: Icon }) => (
        <NavLink
          key={path}
          to={path}
          className={({ isActive }) =>
            classes("relative flex items-center rounded-lg font-medium transition-colors", isActive ? "bg-subtle text-primary" : "text-muted hover:bg-subtle hover:text-ink", itemClassName)
          }
        >
          <Icon aria-hidden className="size-5 shrink-0" />
          {t(label)}
          {path === UPDATES && <UpdatesBadge />}
        </NavLink>
      ))}
    </nav>
  );
}

/** How many updates there are, unless people want no reminder of them. */
function UpdatesBadge() {
  const { t } = useI18n();
  const { ping } = usePing();
  const count = ping?.upgrades_available ?? 0;
  if (!count || ping?.upgrades_dismissed) {
    return null;
  }
  return (
    <span className="grid min-w-5 place-items-center rounded-full bg-accent px-1.5 text-xs leading-5 font-semibold text-[#25211c] max-md:absolute max-md:start-1/2 max-md:top-0.5 max-md:ms-1 md:ms-auto">
      <span aria-hidden>{count}</span>
      <span className="sr-only">{count === 1 ? t("nav.updates_one") : t("nav.updates_count", { count })}</span>
    </span>
  );
}
