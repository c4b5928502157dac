import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Body, PostPath } from "@/api/client";
import { ApiError } from "@/api/errors";
import { useI18n } from "@/i18n/i18n";
import { useApi } from "@/session/session";

/** The queries that a change of storage affects. */
const AFFECTED = ["volumes", "snapshots", "vm-images", "ping"];

/** One change of storage: `submit` sends it, and everything it affects is loaded again. */
export function useChange<Path extends PostPath>(path: Path, onDone: () => void) {
  const api = useApi();
  const { locale } = useI18n();
  const queries = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (body: Body<Path>) => api.post(path, body),
    onSuccess: async () => {
      await Promise.all(AFFECTED.map((kind) => queries.invalidateQueries({ queryKey: [kind] })));
      onDone();
    },
  });
  return { submit: mutate, busy: isPending, error, reset, fields: error instanceof ApiError ? error.byField(locale) : {} };
}
