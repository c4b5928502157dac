import { CircleAlert, X } from "lucide-react";
import { useId } from "react";
import { Tooltip } from "@/components/ui/tooltip";
import { classes } from "@/components/ui/classes";
import { useI18n } from "@/i18n/i18n";
import { MASK } from "./answers";

interface SavedAnswerProps {
  name: string;
  label: string;
  value: string;
  secret: boolean;
  error: string | undefined;
  onClear: () => void;
}

/** An answer from an earlier installation. It stays until it is cleared. */
export function SavedAnswer({ name, label, value, secret, error, onClear }: SavedAnswerProps) {
  const { t } = useI18n();
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className="flex flex-col gap-1.5">
      <span id={id} className="text-sm font-medium">
        {label}
      </span>
      <input type="hidden" name={name} value={value} />
      <div className={classes("flex min-h-11 items-center gap-2 rounded-lg border border-line bg-subtle ps-3 pe-1", error && "border-bad ring-1 ring-bad")}>
        <span className="min-w-0 flex-1 py-2 text-sm break-words text-muted">
          {secret ? (
            <>
              <span aria-hidden>{MASK}</span>
              <span className="sr-only">{t("question.masked")}</span>
            </>
          ) : (
            value
          )}
        </span>
        <Tooltip text={t("question.clear")}>
          <button
            type="button"
            aria-label={t("question.clear_of", { question: label })}
            onClick={onClear}
            className="grid size-9 shrink-0 place-items-center rounded-lg text-muted hover:bg-bad-soft hover:text-bad"
          >
            <X aria-hidden className="size-4" />
          </button>
        </Tooltip>
      </div>
      {error ? (
        <p className="flex items-start gap-1.5 text-sm font-medium text-bad">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      ) : (
        <p className="text-sm text-muted">{t("question.saved")}</p>
      )}
    </div>
  );
}
