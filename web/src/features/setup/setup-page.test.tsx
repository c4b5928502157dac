// @conformance UI-06
import { screen, waitFor } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Appliance, json, problem } from "@/testing/appliance";
import { renderApp } from "@/testing/render";

const FORM = { Username: "ada", Password: "correct horse battery", "Confirm password": "correct horse battery", "Your name": "Ada", "Email address": "ada@example.org", "Phone number": "+49 30 123456" };

function newAppliance(): Appliance {
  return new Appliance()
    .on("GET /status/ping", () => json({ status: "ok", needs_setup: true }))
    .on("POST /account/create", () => json({ username: "ada", admin: true }))
    .on("POST /account/authenticate", () => json({ token: "new", account: { username: "ada", admin: true } }));
}

async function fill(user: UserEvent, form: Record<string, string>) {
  for (const [label, value] of Object.entries(form)) {
    await user.type(await screen.findByLabelText(label, { selector: "input" }), value);
  }
}

const submit = (user: UserEvent) => user.click(screen.getByRole("button", { name: "Create account" }));

test("any address leads to the first run while there is no administrator", async () => {
  renderApp({ path: "/dashboard/services", session: null, appliance: newAppliance() });
  expect(await screen.findByRole("heading", { name: "Welcome to Town OS" })).toBeVisible();
  expect(screen.getByTestId("address")).toHaveTextContent("/setup");
});

test("the first run is over once there is an administrator", async () => {
  renderApp({ path: "/setup", session: null, appliance: new Appliance().on("GET /status/ping", () => json({ status: "ok" })) });
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("the first administrator is created and signed in", async () => {
  const appliance = newAppliance();
  const { user, store } = renderApp({ path: "/setup", session: null, appliance });
  await fill(user, FORM);
  appliance.on("GET /status/ping", () => json({ status: "ok", username: "ada" }));
  await submit(user);
  expect(await screen.findByRole("heading", { name: "Packages" })).toBeVisible();
  expect(appliance.requests("POST /account/create")[0]?.body).toEqual({
    username: "ada",
    password: "correct horse battery",
    real_name: "Ada",
    email: "ada@example.org",
    phone: "+49 30 123456",
    admin: true,
  });
  expect(store.get()).toEqual({ token: "new", username: "ada", admin: true });
});

test("an invalid form is not sent, and its first wrong field gets the focus", async () => {
  const { user, appliance } = renderApp({ path: "/setup", session: null, appliance: newAppliance() });
  await fill(user, { ...FORM, "Confirm password": "something else" });
  await submit(user);
  const again = screen.getByLabelText("Confirm password", { selector: "input" });
  expect(again).toBeInvalid();
  expect(again).toHaveAccessibleDescription("The two passwords do not match.");
  await waitFor(() => expect(again).toHaveFocus());
  expect(appliance.requests("POST /account/create")).toEqual([]);
});

test("a refusal of the appliance is told", async () => {
  const appliance = newAppliance().on("POST /account/create", () => problem(422, "invalid email address", { email: "invalid email address" }));
  const { user } = renderApp({ path: "/setup", session: null, appliance });
  await fill(user, FORM);
  await submit(user);
  expect(await screen.findByRole("alert")).toHaveTextContent("invalid email address");
  expect(screen.getByLabelText("Email address")).toBeInvalid();
});

test("an appliance that does not answer is told, and asked again on demand", async () => {
  const appliance = new Appliance().on("GET /status/ping", () => Promise.reject(new TypeError("Failed to fetch")));
  const { user } = renderApp({ session: null, appliance });
  expect(await screen.findByRole("alert")).toHaveTextContent("Town OS is not responding");
  appliance.on("GET /status/ping", () => json({ status: "ok", needs_setup: true }));
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "Welcome to Town OS" })).toBeVisible();
});
