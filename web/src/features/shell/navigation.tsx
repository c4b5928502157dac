import { Activity, LayoutGrid, type LucideIcon } from "lucide-react";
import { NavLink } from "react-router";
import { PACKAGES, SERVICES } from "@/app/paths";
import { classes } from "@/components/ui/classes";
import { useI18n } from "@/i18n/i18n";
import type { Key } from "@/i18n/catalogue";

interface Destination {
  path: string;
  label: Extract<Key, `nav.${string}`>;
  icon: LucideIcon;
}

const DESTINATIONS: readonly Destination[] = [
  { path: PACKAGES, label: "nav.packages", icon: LayoutGrid },
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
            classes("flex items-center rounded-lg font-medium transition-colors", isActive ? "bg-subtle text-primary" : "text-muted hover:bg-subtle hover:text-ink", itemClassName)
          }
        >
          <Icon aria-hidden className="size-5 shrink-0" />
          {t(label)}
        </NavLink>
      ))}
    </nav>
  );
}
