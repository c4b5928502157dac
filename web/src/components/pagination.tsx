import { ChevronLeft, ChevronRight } from "lucide-react";
import { useI18n } from "@/i18n/i18n";
import { Button } from "./ui/button";

/** Goes through the pages of a list; `page` counts from 0. Shows nothing when there is only one. */
export function Pagination({ page, pages, onChange }: { page: number; pages: number; onChange: (page: number) => void }) {
  const { t } = useI18n();
  if (pages <= 1) {
    return null;
  }
  return (
    <nav aria-label={t("paging.label")} className="mt-6 flex items-center justify-center gap-3">
      <Button variant="outline" disabled={page === 0} onClick={() => onChange(page - 1)}>
        <ChevronLeft aria-hidden className="rtl:rotate-180" />
        {t("paging.previous")}
      </Button>
      <span className="text-sm text-muted" aria-live="polite">
        {t("paging.position", { page: page + 1, pages })}
      </span>
      <Button variant="outline" disabled={page + 1 >= pages} onClick={() => onChange(page + 1)}>
        {t("paging.next")}
        <ChevronRight aria-hidden className="rtl:rotate-180" />
      </Button>
    </nav>
  );
}
