import { PackageOpen, SearchX, Sparkles } from "lucide-react";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import type { Filter } from "../queries";

/** Why the list is empty, and what to do about it. */
export function PackagesEmpty({ filter, showAll }: { filter: Filter; showAll: () => void }) {
  const { t } = useI18n();
  const filtered = filter.search || filter.installedOnly || filter.featuredOnly;
  const action = filtered && (
    <Button variant="outline" onClick={showAll}>
      {t("packages.show_all")}
    </Button>
  );
  if (filter.search) {
    return (
      <State icon={SearchX} title={t("packages.none_found_title", { search: filter.search })} action={action}>
        {t("packages.none_found_text")}
      </State>
    );
  }
  if (filter.installedOnly) {
    return (
      <State icon={PackageOpen} title={t("packages.none_installed_title")} action={action}>
        {t("packages.none_installed_text")}
      </State>
    );
  }
  if (filter.featuredOnly) {
    return (
      <State icon={Sparkles} title={t("packages.none_featured_title")} action={action}>
        {t("packages.none_featured_text")}
      </State>
    );
  }
  return (
    <State icon={PackageOpen} title={t("packages.none_title")}>
      {t("packages.none_text")}
    </State>
  );
}
