import { FolderPlus, FolderOpen, SearchX } from "lucide-react";
import { useState } from "react";
import { type Column, DataTable, type Sorting } from "@/components/data-table";
import { useDebounced } from "@/components/debounced";
import { Loaded } from "@/components/loaded";
import { Pagination } from "@/components/pagination";
import { SearchInput } from "@/components/search-input";
import { Section } from "@/components/section";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { useStorageDialogs } from "../dialogs";
import { type Filter, useUserVolumes } from "../queries";
import { SpaceUse } from "../space-use";
import { type StoredVolume, storedVolume } from "../volume";
import { VolumeActions } from "../volume-actions";

/** The table of user volumes. */
export function UserVolumes() {
  const { t } = useI18n();
  const open = useStorageDialogs();
  const [search, setSearch] = useState("");
  const [sorting, setSorting] = useState<Sorting>({ by: "name", descending: false });
  const [page, setPage] = useState(0);
  const fromFirst =
    <Value,>(change: (value: Value) => void) =>
    (value: Value) => {
      change(value);
      setPage(0);
    };
  const filter: Filter = { search: useDebounced(search.trim()), sorting, page };
  return (
    <Section
      title={t("user_volumes.title")}
      lead={t("user_volumes.lead")}
      actions={
        <Button onClick={() => open({ what: "create" })}>
          <FolderPlus aria-hidden />
          {t("user_volumes.create")}
        </Button>
      }
    >
      <SearchInput className="mb-4 w-full sm:w-80" label={t("user_volumes.search")} value={search} onChange={fromFirst(setSearch)} />
      <FilesystemList filter={filter} setPage={setPage} setSorting={fromFirst(setSorting)} />
    </Section>
  );
}

interface FilesystemListProps {
  filter: Filter;
  setPage: (page: number) => void;
  setSorting: (sorting: Sorting) => void;
}

function FilesystemList({ filter, setPage, setSorting }: FilesystemListProps) {
  const { t } = useI18n();
  return (
    <Loaded query={useUserVolumes(filter)} loading={t("user_volumes.loading")} error={t("user_volumes.error")}>
      {({ entries, total_pages: pages }) =>
        entries.length ? (
          <>
            <FilesystemTable volumes={entries.map(storedVolume)} sorting={filter.sorting} onSort={setSorting} />
            <Pagination page={filter.page} pages={pages} onChange={setPage} />
          </>
        ) : (
          <NoFilesystems search={filter.search} />
        )
      }
    </Loaded>
  );
}

interface FilesystemTableProps {
  volumes: readonly StoredVolume[];
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}

function FilesystemTable({ volumes, sorting, onSort }: FilesystemTableProps) {
  const { t, locale } = useI18n();
  const columns: Column<StoredVolume>[] = [
    { label: t("user_volumes.name"), field: "name", className: "font-semibold break-all", render: ({ name }) => name },
    { label: t("user_volumes.used"), field: "referenced", className: "@4xl:w-56", render: ({ name, filesystem }) => <SpaceUse name={name} use={filesystem} /> },
    {
      label: t("user_volumes.limit"),
      field: "quota",
      className: "@max-4xl:hidden whitespace-nowrap tabular-nums",
      render: ({ filesystem: { quota } }) => (quota ? sizeText(quota, locale) : t("space.unlimited")),
    },
    { label: t("user_volumes.actions"), className: "@4xl:w-px", render: (volume) => <VolumeActions volume={volume} /> },
  ];
  return <DataTable label={t("user_volumes.title")} columns={columns} entries={volumes} keyOf={({ path }) => path} sorting={sorting} onSort={onSort} />;
}

function NoFilesystems({ search }: { search: string }) {
  const { t } = useI18n();
  return search ? (
    <State icon={SearchX} title={t("user_volumes.none_found_title", { search })}>
      {t("user_volumes.none_found_text")}
    </State>
  ) : (
    <State icon={FolderOpen} title={t("user_volumes.none_title")}>
      {t("user_volumes.none_text")}
    </State>
  );
}
