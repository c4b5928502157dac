import { useState } from "react";
import { Link } from "react-router";
import { KEPT_DATA } from "@/app/paths";
import { useDebounced } from "@/components/debounced";
import { Loaded } from "@/components/loaded";
import { PageHeader } from "@/components/page-header";
import { Pagination } from "@/components/pagination";
import { usePersistentFlag } from "@/components/persistent-flag";
import { SearchInput } from "@/components/search-input";
import { Checkbox } from "@/components/ui/checkbox";
import { useI18n } from "@/i18n/i18n";
import { type Filter, useGroups, usePackages } from "../queries";
import { useKeptVolumes } from "../volumes";
import { Cards, PackageGroups } from "./package-groups";
import { PackagesEmpty } from "./packages-empty";
import { RepositoryErrors } from "./repository-errors";

/** All packages, installed or not. */
export function PackagesPage() {
  const { t } = useI18n();
  const [search, setSearch] = useState("");
  const [installedOnly, setInstalledOnly] = usePersistentFlag("pkg_installed_only", false);
  const [featuredOnly, setFeaturedOnly] = usePersistentFlag("pkg_featured_only", true);
  const [grouped, setGrouped] = usePersistentFlag("pkg_group_by_repo", false);
  const [page, setPage] = useState(0);
  const filter: Filter = { search: useDebounced(search.trim()), installedOnly, featuredOnly, page };
  const showAll = () => {
    setSearch("");
    setInstalledOnly(false);
    setFeaturedOnly(false);
    setPage(0);
  };
  const fromFirst =
    <Value,>(change: (value: Value) => void) =>
    (value: Value) => {
      change(value);
      setPage(0);
    };

  return (
    <>
      <PageHeader title={t("packages.title")} lead={t("packages.lead")} />
      <RepositoryErrors />
      <div className="mb-6 flex flex-wrap items-center gap-x-6 gap-y-1">
        <SearchInput className="mb-1 w-full sm:w-80" label={t("packages.search")} value={search} onChange={fromFirst(setSearch)} />
        <Checkbox checked={featuredOnly} onChange={fromFirst(setFeaturedOnly)}>
          {t("packages.featured_only")}
        </Checkbox>
        <Checkbox checked={installedOnly} onChange={fromFirst(setInstalledOnly)}>
          {t("packages.installed_only")}
        </Checkbox>
        <Checkbox checked={grouped} onChange={fromFirst(setGrouped)}>
          {t("packages.group_by_repo")}
        </Checkbox>
      </div>
      {grouped ? <GroupedList filter={filter} showAll={showAll} /> : <PackageList filter={filter} setPage={setPage} showAll={showAll} />}
      <KeptDataLink />
    </>
  );
}

interface ListProps {
  filter: Filter;
  showAll: () => void;
}

function PackageList({ filter, setPage, showAll }: ListProps & { setPage: (page: number) => void }) {
  const { t } = useI18n();
  const packages = usePackages(filter);
  return (
    <Loaded query={packages} loading={t("packages.loading")} error={t("packages.error")}>
      {({ entries, total_pages: pages, total_count: count }) =>
        entries.length ? (
          <>
            <Count count={count} />
            <Cards entries={entries} busy={packages.isPlaceholderData} />
            <Pagination page={filter.page} pages={pages} onChange={setPage} />
          </>
        ) : (
          <PackagesEmpty filter={filter} showAll={showAll} />
        )
      }
    </Loaded>
  );
}

function GroupedList({ filter, showAll }: ListProps) {
  const { t } = useI18n();
  return (
    <Loaded query={useGroups(filter)} loading={t("packages.loading")} error={t("packages.error")}>
      {(groups) =>
        groups.length ? (
          <>
            <Count count={groups.reduce((sum, { entries }) => sum + entries.length, 0)} />
            <PackageGroups groups={groups} />
          </>
        ) : (
          <PackagesEmpty filter={filter} showAll={showAll} />
        )
      }
    </Loaded>
  );
}

/** For those who do not see how the list changes. */
function Count({ count }: { count: number }) {
  const { t } = useI18n();
  return (
    <p role="status" className="sr-only">
      {count === 1 ? t("packages.count_one") : t("packages.count", { count })}
    </p>
  );
}

function KeptDataLink() {
  const { t } = useI18n();
  return useKeptVolumes().data?.length ? (
    <p className="mt-8 text-sm text-muted">
      {t("kept.hint")}{" "}
      <Link to={KEPT_DATA} className="font-medium text-primary underline underline-offset-4">
        {t("kept.link")}
      </Link>
    </p>
  ) : null;
}
