import { ApiError } from "@/api/errors";
import { ErrorText } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";

interface FormButtonsProps {
  /** The id of the form that is submitted. */
  form: string;
  submit: string;
  busy?: boolean;
  danger?: boolean;
  disabled?: boolean;
  onClose: () => void;
}

/** The buttons below a form in a dialog. */
export function FormButtons({ form, submit, busy = false, danger = false, disabled = false, onClose }: FormButtonsProps) {
  const { t } = useI18n();
  return (
    <>
      <Button variant="outline" onClick={onClose}>
        {t("action.cancel")}
      </Button>
      <Button type="submit" form={form} variant={danger ? "danger" : "primary"} busy={busy} disabled={disabled}>
        {submit}
      </Button>
    </>
  );
}

const NONE: readonly string[] = [];

/** The error of a request, unless all of it is `shown` at the fields. */
export function Refused({ error, shown = NONE }: { error: Error | null; shown?: readonly string[] }) {
  const fields = error instanceof ApiError ? error.fields : [];
  if (!error || (fields.length && fields.every(({ name }) => shown.includes(name)))) {
    return null;
  }
  return (
    <Notice tone="bad">
      <ErrorText error={error} />
    </Notice>
  );
}
