// @conformance UI-06
import { screen } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Appliance, json, problem } from "@/testing/appliance";
import { ADMIN, renderApp } from "@/testing/render";

function appliance(): Appliance {
  return new Appliance().on("GET /status/ping", ({ headers }) => json(headers.has("Authorization") ? { status: "ok", username: "ada" } : { status: "ok" }));
}

async function signIn(user: UserEvent, password = "correct horse battery") {
  await user.type(await screen.findByLabelText("Username"), "ada");
  await user.type(screen.getByLabelText("Password", { selector: "input" }), password);
  await user.click(screen.getByRole("button", { name: "Sign in" }));
}

test("signing in leads to the page that was asked for", async () => {
  const town = appliance().on("POST /account/authenticate", () => json({ token: "new", account: { username: "ada", admin: false } }));
  const { user, store } = renderApp({ path: "/dashboard/services", session: null, appliance: town });
  await signIn(user);
  expect(await screen.findByRole("heading", { name: "Services" })).toBeVisible();
  expect(store.get()).toEqual({ token: "new", username: "ada", admin: false });
});

test("a refusal does not tell which of the two was wrong", async () => {
  const { user } = renderApp({ path: "/login", session: null, appliance: appliance().on("POST /account/authenticate", () => problem(401, "invalid credentials")) });
  await signIn(user, "wrong");
  expect(await screen.findByRole("alert")).toHaveTextContent("The username or the password is wrong.");
});

test("too many attempts are told with the time to wait", async () => {
  const throttled = () => problem(429, "too many failed attempts", {}, { "Retry-After": "42" });
  const { user } = renderApp({ path: "/login", session: null, appliance: appliance().on("POST /account/authenticate", throttled) });
  await signIn(user);
  expect(await screen.findByRole("alert")).toHaveTextContent("Wait 42 seconds");
});

test("empty fields are told before anything is sent", async () => {
  const town = appliance();
  const { user } = renderApp({ path: "/login", session: null, appliance: town });
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(screen.getByLabelText("Username")).toHaveAccessibleDescription("Enter your username.");
  expect(screen.getByLabelText("Password", { selector: "input" })).toHaveAccessibleDescription("Enter your password.");
  expect(town.requests("POST /account/authenticate")).toEqual([]);
});

test("a password can be looked at", async () => {
  const { user } = renderApp({ path: "/login", session: null, appliance: appliance() });
  const password = await screen.findByLabelText("Password", { selector: "input" });
  expect(password).toHaveAttribute("type", "password");
  await user.click(screen.getByRole("button", { name: "Show password" }));
  expect(password).toHaveAttribute("type", "text");
});

test("a session that has ended leads to signing in", async () => {
  const town = new Appliance().on("GET /status/ping", () => json({ status: "ok" }));
  const { store } = renderApp({ session: ADMIN, appliance: town });
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(store.get()).toBeNull();
});

test("a request that is refused for its token leads to signing in", async () => {
  const { store } = renderApp({ appliance: appliance().on("GET /packages", () => problem(401, "invalid session")) });
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(store.get()).toBeNull();
});
