import { createContext, type ReactNode, use, useMemo, useSyncExternalStore } from "react";
import { ApiClient } from "@/api/client";
import type { SignedIn } from "@/api/types";
import type { Session, SessionStore } from "./store";

interface SessionValue {
  api: ApiClient;
  session: Session | null;
  signIn: (signedIn: SignedIn) => void;
  end: () => void;
}

const SessionContext = createContext<SessionValue | null>(null);

interface SessionProviderProps {
  children: ReactNode;
  store: SessionStore;
  base: () => Promise<string>;
}

/** Holds who is signed in, and the client that asks in their name. */
export function SessionProvider({ children, store, base }: SessionProviderProps) {
  const session = useSyncExternalStore(store.subscribe, store.get);
  const api = useMemo(() => new ApiClient(base, store), [base, store]);
  const value = useMemo<SessionValue>(
    () => ({
      api,
      session,
      signIn: ({ token, account }) => store.set({ token, username: account.username, admin: account.admin }),
      end: () => store.set(null),
    }),
    [api, session, store],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession(): SessionValue {
  const value = use(SessionContext);
  if (value === null) {
    throw new Error("useSession needs a SessionProvider around it");
  }
  return value;
}

export function useApi(): ApiClient {
  return useSession().api;
}
