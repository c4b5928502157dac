import { Activity, ScrollText, SearchX } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Unit } from "@/api/types";
import { PACKAGES } from "@/app/paths";
import { useDebounced } from "@/components/debounced";
import { Loaded } from "@/components/loaded";
import { PageHeader } from "@/components/page-header";
import { Pagination } from "@/components/pagination";
import { Row, Rows } from "@/components/rows";
import { SearchInput } from "@/components/search-input";
import { State } from "@/components/state";
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
  return (
    <Loaded query={useUnits(search, page)} loading={t("services.loading")} error={t("services.error")}>
      {({ entries, total_pages: pages }) =>
        entries.length ? (
          <>
            <Rows>
              {entries.map((unit) => (
                <UnitRow key={unit.Name} unit={unit} onLog={() => onLog(unit)} />
              ))}
            </Rows>
            <Pagination page={page} pages={pages} onChange={setPage} />
          </>
        ) : (
          <NoUnits search={search} />
        )
      }
    </Loaded>
  );
}

function UnitRow({ unit, onLog }: { unit: Unit; onLog: () => void }) {
  const { t } = useI18n();
  const { name, version } = unitName(unit);
  return (
    <Row title={name} text={[unit.package_description, version && t("services.version", { version })].filter(Boolean).join(" · ")}>
      <StateBadge unit={unit} />
      <Button variant="outline" aria-label={t("services.log_of", { name })} onClick={onLog}>
        <ScrollText aria-hidden />
        {t("services.log")}
      </Button>
    </Row>
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
          <Link to={PACKAGES}>{t("services.find_package")}</Link>
        </Button>
      }
    >
      {t("services.none_text")}
    </State>
  );
}
