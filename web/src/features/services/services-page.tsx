import { Activity, ScrollText, SearchX } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Unit } from "@/api/types";
import { PACKAGES } from "@/app/paths";
import { useDebounced } from "@/components/debounced";
import { PageHeader } from "@/components/page-header";
import { Pagination } from "@/components/pagination";
import { SearchInput } from "@/components/search-input";
import { LoadError, Loading, State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { LogDialog } from "./log-dialog";
import { useUnits } from "./queries";
import { StateBadge } from "./state-badge";
import { unitName } from "./unit-name";

/** What runs, and what it writes. */
export function ServicesPage() {
  const { t } = useI18n();
  const [search, setSearch] = useState("");
  const [page, setPage] = useState(0);
  const [opened, setOpened] = useState<Unit | null>(null);
  const settled = useDebounced(search.trim());
  return (
    <>
      <PageHeader title={t("services.title")} lead={t("services.lead")} />
      <SearchInput
        className="mb-6 w-full sm:w-80"
        label={t("services.search")}
        value={search}
        onChange={(value) => {
          setSearch(value);
          setPage(0);
        }}
      />
      <UnitList search={settled} page={page} setPage={setPage} onLog={setOpened} />
      {opened && <LogDialog unit={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

interface UnitListProps {
  search: string;
  page: number;
  setPage: (page: number) => void;
  onLog: (unit: Unit) => void;
}

function UnitList({ search, page, setPage, onLog }: UnitListProps) {
  const { t } = useI18n();
  const units = useUnits(search, page);
  if (units.isPending) {
    return <Loading>{t("services.loading")}</Loading>;
  }
  if (units.isError) {
    return <LoadError title={t("services.error")} error={units.error} retry={() => void units.refetch()} />;
  }
  if (!units.data.entries.length) {
    return <NoUnits search={search} />;
  }
  return (
    <>
      <ul className="divide-y divide-line rounded-2xl border border-line bg-card shadow-xs">
        {units.data.entries.map((unit) => (
          <UnitRow key={unit.Name} unit={unit} onLog={() => onLog(unit)} />
        ))}
      </ul>
      <Pagination page={page} pages={units.data.total_pages} onChange={setPage} />
    </>
  );
}

function UnitRow({ unit, onLog }: { unit: Unit; onLog: () => void }) {
  const { t } = useI18n();
  const { name, version } = unitName(unit);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4 sm:px-5">
      <div className="min-w-0 flex-1 basis-52">
        <h2 className="leading-tight font-semibold break-words">{name}</h2>
        <p className="mt-1 text-sm break-words text-muted">
          {[unit.package_description, version && t("services.version", { version })].filter(Boolean).join(" · ")}
        </p>
      </div>
      <StateBadge unit={unit} />
      <Button variant="outline" className="max-sm:ms-auto" aria-label={t("services.log_of", { name })} onClick={onLog}>
        <ScrollText aria-hidden />
        {t("services.log")}
      </Button>
    </li>
  );
}

function NoUnits({ search }: { search: string }) {
  const { t } = useI18n();
  if (search) {
    return (
      <State icon={SearchX} title={t("services.none_found_title", { search })}>
        {t("services.none_found_text")}
      </State>
    );
  }
  return (
    <State
      icon={Activity}
      title={t("services.none_title")}
      action={
        <Button asChild>
          <Link to={PACKAGES}>{t("services.find_apps")}</Link>
        </Button>
      }
    >
      {t("services.none_text")}
    </State>
  );
}
