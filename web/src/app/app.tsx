import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { TooltipProvider } from "@/components/ui/tooltip";
import { I18nProvider } from "@/i18n/i18n";
import { SessionProvider } from "@/session/session";
import type { SessionStore } from "@/session/store";
import { ErrorBoundary } from "./error-boundary";
import { AppRoutes } from "./routes";

const RETRIES = 2;
const SERVER_ERROR = 500;

/** Requests are only repeated where that can help. */
export function newQueryClient(retries = RETRIES): QueryClient {
  const retry = (failures: number, error: Error) => failures < retries && !(error instanceof ApiError && error.status > 0 && error.status < SERVER_ERROR);
  return new QueryClient({ defaultOptions: { queries: { retry, staleTime: 2_000, networkMode: "always" }, mutations: { networkMode: "always" } } });
}

interface AppProps {
  store: SessionStore;
  base: () => Promise<string>;
  queries?: QueryClient;
}

/** The whole page, without its router. */
export function App({ store, base, queries }: AppProps) {
  const [client] = useState(() => queries ?? newQueryClient());
  return (
    <I18nProvider>
      <ErrorBoundary>
        <QueryClientProvider client={client}>
          <SessionProvider store={store} base={base}>
            <TooltipProvider delayDuration={200}>
              <AppRoutes />
            </TooltipProvider>
          </SessionProvider>
        </QueryClientProvider>
      </ErrorBoundary>
    </I18nProvider>
  );
}
