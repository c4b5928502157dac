import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { vi } from "vitest";
import { App, newQueryClient } from "@/app/app";
import { type Session, SessionStore } from "@/session/store";
import { Appliance } from "./appliance";

export const ADMIN: Session = { token: "token", username: "ada", admin: true };
export const GUEST: Session = { token: "token", username: "bo", admin: false };

const base = () => Promise.resolve("");

interface Options {
  path?: string;
  session?: Session | null;
  appliance?: Appliance;
}

/** The whole page at an address, with an appliance in memory. */
export function renderApp({ path = "/dashboard/packages", session = ADMIN, appliance = new Appliance() }: Options = {}) {
  vi.stubGlobal("fetch", appliance.fetch);
  const store = new SessionStore(window.localStorage);
  store.set(session);
  render(
    <MemoryRouter initialEntries={[path]}>
      <App store={store} base={base} queries={newQueryClient(0)} />
      <Address />
    </MemoryRouter>,
  );
  return { appliance, store, user: userEvent.setup() };
}

function Address() {
  return <span data-testid="address">{useLocation().pathname}</span>;
}
