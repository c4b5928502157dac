import { Search, X } from "lucide-react";
import { useI18n } from "@/i18n/i18n";
import { Input } from "./ui/input";
import { classes } from "./ui/classes";

interface SearchInputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

export function SearchInput({ label, value, onChange, className }: SearchInputProps) {
  const { t } = useI18n();
  return (
    <div className={classes("relative", className)}>
      <Search aria-hidden className="pointer-events-none absolute inset-y-0 start-3 my-auto size-4 text-muted" />
      <Input type="search" aria-label={label} placeholder={label} value={value} onChange={(event) => onChange(event.target.value)} className="ps-9 pe-10 [&::-webkit-search-cancel-button]:hidden" />
      {value && (
        <button
          type="button"
          aria-label={t("search.clear")}
          className="absolute inset-y-0.5 end-0.5 grid w-10 place-items-center rounded-lg text-muted hover:text-ink"
          onClick={() => onChange("")}
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}
