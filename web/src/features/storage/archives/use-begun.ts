import { useEffect, useState } from "react";
import type { Outcome } from "@/features/transfers/transfer";
import { useTransfer, useTransfers } from "@/features/transfers/transfers";

export type FieldErrors = Readonly<Record<string, string>>;

const NONE: FieldErrors = {};

/** A transfer that is begun from a form. If something is wrong with a field, the form comes back and tells it there. */
export function useBegun(fieldOf: (name: string) => string | null) {
  const { forget } = useTransfers();
  const [id, setId] = useState<string | null>(null);
  const [forgiven, setForgiven] = useState<string | null>(null);
  const found = useTransfer(id);
  const refused = found && refusedFields(found.outcome, fieldOf);
  const isRefused = refused !== null;

  // Its end has been seen in the form.
  useEffect(() => (id !== null && isRefused ? () => forget(id) : undefined), [id, isRefused, forget]);

  return {
    transfer: isRefused ? null : found,
    errors: refused && forgiven !== id ? refused : NONE,
    /** It has begun, or with null: back to the form. */
    follow: setId,
    /** The form has changed, so what was wrong with it may be right now. */
    forgive: () => setForgiven(id),
  };
}

function refusedFields(outcome: Outcome, fieldOf: (name: string) => string | null): FieldErrors | null {
  const problems = outcome.phase === "failed" ? outcome.error.fields : [];
  const known = problems.flatMap(({ name, error }) => {
    const field = fieldOf(name);
    return field ? [[field, error] as const] : [];
  });
  return known.length ? Object.fromEntries(known) : null;
}
