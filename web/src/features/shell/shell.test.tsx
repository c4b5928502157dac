// @conformance UI-01 UI-02 I18N-05
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { Appliance, empty, json } from "@/testing/appliance";
import { ADMIN, GUEST, renderApp } from "@/testing/render";
import { sessionId } from "./sign-out";

const ID = "6f9619ff-8b86-4d11-b42d-00c04fc964ff";
const TOKEN = `x.${btoa(JSON.stringify({ session_id: ID, username: "ada" })).replaceAll("=", "")}.y`;

test("the sidebar leads through the pages and tells which one is shown", async () => {
  const { user } = renderApp();
  const sidebar = within(await screen.findByRole("complementary"));
  expect(sidebar.getByText("Town OS")).toBeVisible();
  expect(sidebar.getAllByRole("link").map((link) => link.textContent)).toEqual(["Packages", "Updates", "Storage", "Services"]);
  expect(sidebar.getByRole("link", { name: "Packages" })).toHaveAttribute("aria-current", "page");
  await user.click(sidebar.getByRole("link", { name: "Services" }));
  expect(await screen.findByRole("heading", { name: "Services" })).toBeVisible();
  expect(sidebar.getByRole("link", { name: "Services" })).toHaveAttribute("aria-current", "page");
  await waitFor(() => expect(document.title).toBe("Services · Town OS"));
});

test("the top bar shows the connection, who is signed in, and the way out", async () => {
  const appliance = new Appliance().on("POST /account/session/revoke", empty);
  const { user, store } = renderApp({ session: { ...ADMIN, token: TOKEN }, appliance });
  const bar = within(await screen.findByRole("banner"));
  expect(await bar.findByText("Online")).toBeVisible();
  expect(bar.getByText("ada")).toBeVisible();
  expect(bar.getByText("Admin")).toBeVisible();
  appliance.on("GET /status/ping", () => json({ status: "ok" }));
  await user.click(bar.getByRole("button", { name: "Sign out" }));
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(appliance.requests("POST /account/session/revoke")[0]?.body).toEqual({ session_id: ID });
  expect(store.get()).toBeNull();
});

test("others than administrators have no badge", async () => {
  renderApp({ session: GUEST });
  const bar = within(await screen.findByRole("banner"));
  expect(await bar.findByText("bo")).toBeVisible();
  expect(bar.queryByText("Admin")).not.toBeInTheDocument();
});

test("a lost connection shows without taking the page away", async () => {
  renderApp({ appliance: new Appliance().on("GET /status/ping", () => Promise.reject(new TypeError("Failed to fetch"))) });
  expect(await screen.findByText("Offline")).toBeVisible();
  expect(screen.getByRole("heading", { name: "Packages" })).toBeVisible();
});

test("the language follows the appliance", async () => {
  renderApp({ appliance: new Appliance().on("GET /status/ping", () => json({ status: "ok", username: "ada", locale: "he-IL" })) });
  await waitFor(() => expect(document.documentElement).toHaveAttribute("lang", "he-IL"));
  expect(document.documentElement).toHaveAttribute("dir", "rtl");
});

test.each([
  [{ boot: ["repositories"] }, "Town OS is still starting."],
  [{ space: "low" }, "The disk is almost full"],
  [{ space: "full" }, "The disk is full"],
])("what the appliance says of itself is shown: %j", async (told, text) => {
  renderApp({ appliance: new Appliance().on("GET /status/ping", () => json({ status: "ok", username: "ada", ...told })) });
  expect(await screen.findByText(text, { exact: false })).toBeVisible();
});

test("an unknown address says so and leads back", async () => {
  renderApp({ path: "/dashboard/no-such-page" });
  expect(await screen.findByText("Page not found")).toBeVisible();
  expect(screen.getByRole("link", { name: "Go to packages" })).toHaveAttribute("href", "/dashboard/packages");
});

test.each(["", "x", "a.b.c", `x.${btoa("[]")}.y`])("the token %j has no session", (token) => {
  expect(sessionId(token)).toBeNull();
});
