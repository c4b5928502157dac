import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { useI18n } from "@/i18n/i18n";
import { classes } from "./ui/classes";

export interface Sorting {
  /** The name of a field. */
  by: string;
  descending: boolean;
}

export interface Column<Entry> {
  label: string;
  /** The name of the field that the column is sorted by, if it can be. */
  field?: string;
  render: (entry: Entry) => ReactNode;
  className?: string;
}

interface DataTableProps<Entry> {
  label: string;
  columns: readonly Column<Entry>[];
  entries: readonly Entry[];
  keyOf: (entry: Entry) => string;
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}

/**
 * A table that is sorted by the headings of its columns. Where there is little room, each row is a block of its own. */
export function DataTable<Entry>({ label, columns, entries, keyOf, sorting, onSort }: DataTableProps<Entry>) {
  return (
    <div className="@container rounded-2xl border border-line bg-card shadow-xs">
      <table aria-label={label} className="w-full text-sm @max-4xl:block">
        <thead className="@max-4xl:block">
          <tr className="border-b border-line @max-4xl:flex @max-4xl:flex-wrap @max-4xl:gap-x-1 @max-4xl:px-2">
            {columns.map((column) => (
              <Heading key={column.label} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line @max-4xl:block">
          {entries.map((entry) => (
            <tr key={keyOf(entry)} className="@max-4xl:flex @max-4xl:flex-col @max-4xl:gap-3 @max-4xl:p-4">
              {columns.map((column) => (
                <td key={column.label} className={classes("align-middle @max-4xl:block @4xl:px-5 @4xl:py-3", column.className)}>
                  {column.render(entry)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadingProps<Entry> {
  column: Column<Entry>;
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}

function Heading<Entry>({ column: { label, field }, sorting, onSort }: HeadingProps<Entry>) {
  const { t } = useI18n();
  const style = "text-start text-xs font-medium text-muted @max-4xl:block @4xl:px-5";
  if (field === undefined) {
    return (
      <th scope="col" className={classes(style, "@max-4xl:sr-only")}>
        <span className="sr-only">{label}</span>
      </th>
    );
  }
  const sorted = sorting.by === field;
  const Arrow = sorted ? (sorting.descending ? ArrowDown : ArrowUp) : ArrowUpDown;
  return (
    <th scope="col" aria-sort={sorted ? (sorting.descending ? "descending" : "ascending") : "none"} className={style}>
      <button
        type="button"
        title={t("table.sort_by", { column: label })}
        className={classes("-mx-2 inline-flex min-h-11 whitespace-nowrap items-center gap-1.5 rounded-lg px-2 hover:text-ink @max-4xl:mx-0", sorted && "text-ink")}
        onClick={() => onSort({ by: field, descending: sorted && !sorting.descending })}
      >
        {label}
        <Arrow aria-hidden className="size-3.5" />
      </button>
    </th>
  );
}
