import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/errors";
import { useApi } from "@/session/session";

/** The queries that a change of storage affects. */
const AFFECTED = ["volumes", "snapshots", "vm-images", "ping"];

/** One change of storage: `submit` sends it, and everything it affects is loaded again. */
export function useChange(path: string, onDone: () => void) {
  const api = useApi();
  const queries = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (body: object) => api.post(path, body),
    onSuccess: async () => {
      await Promise.all(AFFECTED.map((kind) => queries.invalidateQueries({ queryKey: [kind] })));
      onDone();
    },
  });
  return { submit: mutate, busy: isPending, error, reset, fields: error instanceof ApiError ? error.byField : {} };
}
