import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { LoadError, Loading } from "./state";

interface LoadedProps<Data> {
  query: UseQueryResult<Data>;
  /** Shown while it loads. */
  loading: string;
  /** The heading when it could not be loaded. */
  error: string;
  children: (data: Data) => ReactNode;
}

/** What was asked for, or that it is being loaded, or why it could not be, with a way to try again. */
export function Loaded<Data>({ query, loading, error, children }: LoadedProps<Data>) {
  if (query.isPending) {
    return <Loading>{loading}</Loading>;
  }
  if (query.isError) {
    return <LoadError title={error} error={query.error} retry={() => void query.refetch()} />;
  }
  return children(query.data);
}
