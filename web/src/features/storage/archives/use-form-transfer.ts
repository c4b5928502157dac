import { useEffect, useState } from "react";
import type { Outcome } from "@/features/transfers/transfer";
import { useTransfer, useTransfers } from "@/features/transfers/transfers";
import { useI18n } from "@/i18n/i18n";

export type FieldErrors = Readonly<Record<string, string>>;

const NONE: FieldErrors = {};

/** A transfer that is started from a form. If a field is wrong, the form comes back with the error at that field. */
export function useFormTransfer(fieldOf: (name: string) => string | null) {
  const { locale } = useI18n();
  const { forget } = useTransfers();
  const [id, setId] = useState<string | null>(null);
  const [clearedFor, setClearedFor] = useState<string | null>(null);
  const found = useTransfer(id);
  const refused = found && refusedFields(found.outcome, fieldOf, locale);
  const isRefused = refused !== null;

  // Its end has been seen in the form.
  useEffect(() => (id !== null && isRefused ? () => forget(id) : undefined), [id, isRefused, forget]);

  return {
    transfer: isRefused ? null : found,
    errors: refused && clearedFor !== id ? refused : NONE,
    /** Show this transfer, or with null the form again. */
    follow: setId,
    /** The form has changed, so its errors may no longer apply. */
    clearErrors: () => setClearedFor(id),
  };
}

function refusedFields(outcome: Outcome, fieldOf: (name: string) => string | null, locale: string): FieldErrors | null {
  const errors = outcome.phase === "failed" ? outcome.error.byField(locale) : {};
  const known = Object.entries(errors).flatMap(([name, error]) => {
    const field = fieldOf(name);
    return field ? [[field, error] as const] : [];
  });
  return known.length ? Object.fromEntries(known) : null;
}
