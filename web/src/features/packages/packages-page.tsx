import { useState } from "react";
import type { PackageEntry } from "@/api/types";
import { useDebounced } from "@/components/debounced";
import { PageHeader } from "@/components/page-header";
import { Pagination } from "@/components/pagination";
import { usePersistentFlag } from "@/components/persistent-flag";
import { SearchInput } from "@/components/search-input";
import { LoadError, Loading } from "@/components/state";
import { Checkbox } from "@/components/ui/checkbox";
import { useI18n } from "@/i18n/i18n";
import { DetailsDialog } from "./details-dialog";
import { InstallDialog } from "./install-dialog";
import { PackageCard, type Wish } from "./package-card";
import { PackagesEmpty } from "./packages-empty";
import { type Filter, usePackages } from "./queries";
import { RepositoryErrors } from "./repository-errors";
import { UninstallDialog } from "./uninstall-dialog";

interface Opened {
  wish: Wish;
  entry: PackageEntry;
  running: string | undefined;
}

/** All that can be installed, and all that is. */
export function PackagesPage() {
  const { t } = useI18n();
  const [search, setSearch] = useState("");
  const [installedOnly, setInstalledOnly] = usePersistentFlag("pkg_installed_only", false);
  const [featuredOnly, setFeaturedOnly] = usePersistentFlag("pkg_featured_only", true);
  const [page, setPage] = useState(0);
  const [opened, setOpened] = useState<Opened | null>(null);
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
      <div className="mb-6 flex flex-wrap items-center gap-x-6 gap-y-2">
        <SearchInput className="w-full sm:w-80" label={t("packages.search")} value={search} onChange={fromFirst(setSearch)} />
        <Checkbox checked={installedOnly} onChange={fromFirst(setInstalledOnly)}>
          {t("packages.installed_only")}
        </Checkbox>
        <Checkbox checked={featuredOnly} onChange={fromFirst(setFeaturedOnly)}>
          {t("packages.featured_only")}
        </Checkbox>
      </div>
      <PackageList filter={filter} setPage={setPage} showAll={showAll} onWish={(entry, wish, running) => setOpened({ entry, wish, running })} />
      {opened && <WishDialog {...opened} onClose={() => setOpened(null)} onChange={() => setOpened({ ...opened, wish: "install" })} />}
    </>
  );
}

interface PackageListProps {
  filter: Filter;
  setPage: (page: number) => void;
  showAll: () => void;
  onWish: (entry: PackageEntry, wish: Wish, running?: string) => void;
}

function PackageList({ filter, setPage, showAll, onWish }: PackageListProps) {
  const { t } = useI18n();
  const packages = usePackages(filter);
  if (packages.isPending) {
    return <Loading>{t("packages.loading")}</Loading>;
  }
  if (packages.isError) {
    return <LoadError title={t("packages.error")} error={packages.error} retry={() => void packages.refetch()} />;
  }
  const { entries, total_pages: pages, total_count: count } = packages.data;
  if (!entries.length) {
    return <PackagesEmpty filter={filter} showAll={showAll} />;
  }
  return (
    <>
      <p role="status" className="sr-only">
        {count === 1 ? t("packages.count_one") : t("packages.count", { count })}
      </p>
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3" aria-busy={packages.isPlaceholderData}>
        {entries.map((entry) => (
          <PackageCard key={`${entry.repo}/${entry.name}`} entry={entry} onWish={(wish, running) => onWish(entry, wish, running)} />
        ))}
      </ul>
      <Pagination page={filter.page} pages={pages} onChange={setPage} />
    </>
  );
}

function WishDialog({ wish, entry, running, onChange, onClose }: Opened & { onChange: () => void; onClose: () => void }) {
  switch (wish) {
    case "install":
      return <InstallDialog entry={entry} running={running} onClose={onClose} />;
    case "uninstall":
      return <UninstallDialog entry={entry} running={running} onClose={onClose} />;
    default:
      return <DetailsDialog entry={entry} onChange={onChange} onClose={onClose} />;
  }
}
