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

/** Shows the data of a query, or that it is loading, or its error with a button to try again. */
export function Loaded<Data>({ query, loading, error, children }: LoadedProps<Data>) {
  if (query.isPending) {
    return <Loading>{loading}</Loading>;
  }
  if (query.isError) {
    return <LoadError title={error} error={query.error} retry={() => void query.refetch()} />;
  }
  return children(query.data);
}
