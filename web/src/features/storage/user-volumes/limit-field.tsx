import type { ReactNode } from "react";
import type { Size } from "@/components/size";
import { SizeInput } from "@/components/size-input";
import { Field } from "@/components/ui/field";
import { useI18n } from "@/i18n/i18n";

interface LimitFieldProps {
  value: Size;
  onChange: (value: Size) => void;
  error?: ReactNode;
}

/** The size limit of a volume. */
export function LimitField({ value, onChange, error }: LimitFieldProps) {
  const { t } = useI18n();
  return (
    <Field label={t("limit.label")} hint={t("limit.hint")} error={error}>
      {(control) => <SizeInput {...control} value={value} onChange={onChange} autoComplete="off" />}
    </Field>
  );
}
