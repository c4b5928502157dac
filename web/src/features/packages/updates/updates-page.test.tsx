// @conformance UPG-01 UPG-02 UPG-04
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Operation, Ping, Upgrade } from "@/api/types";
import { type Appliance, empty, json, Later, page, problem } from "@/testing/appliance";
import { operation } from "@/testing/operations";
import { INSTALLED, offering, PREVIEW } from "@/testing/packages";
import { ADMIN, GUEST, renderApp } from "@/testing/render";
import { lastFailed } from "./failed-upgrades";

const NEWER: Upgrade = { repo: "core", name: "web", installed_version: "1.0", latest_version: "2.0", changed: false };
const CHANGED: Upgrade = { ...NEWER, latest_version: "1.0", changed: true };
const UNDONE = operation({ id: "a", kind: "upgrade", version: "2.0", state: "undone", error: "start failed: it ended by itself\nexit code 1", ended_at: "2026-05-01T10:01:00Z" });

function offeringUpgrade(upgrades: Upgrade[], { history = [], ping = {} }: { history?: Operation[]; ping?: Partial<Ping> } = {}): Appliance {
  return offering(INSTALLED, { preview: { ...PREVIEW, version: "2.0", upgrading_from: "1.0" }, current: { title: "Mine" } })
    .on("GET /status/ping", () => json({ status: "ok", username: "ada", upgrades_available: upgrades.length, ...ping }))
    .on("GET /packages/upgrades", () => json(upgrades))
    .on("POST /packages/versions", () => json(["2.0", "1.5", "1.0"]))
    .on("GET /operations", () => page(history));
}

const updates = (appliance: Appliance, session = ADMIN) => renderApp({ appliance, session, path: "/dashboard/updates" });

test("updates are listed with both versions", async () => {
  updates(offeringUpgrade([NEWER]));
  expect(await screen.findByText("Version 1.0 → 2.0 · from core")).toBeVisible();
  expect(screen.getByRole("button", { name: "Update web" })).toHaveTextContent("Update");
});

test("a package that changed is explained", async () => {
  updates(offeringUpgrade([CHANGED]));
  expect(await screen.findByText("The package has changed. Reinstall to apply it.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Reinstall web" })).toHaveTextContent("Reinstall");
});

test("the page says when everything is up to date", async () => {
  updates(offeringUpgrade([]));
  expect(await screen.findByText("Everything is up to date")).toBeVisible();
});

test("while it looks the page says so, and an error can be tried again", async () => {
  const later = new Later();
  const appliance = offeringUpgrade([]).on("GET /packages/upgrades", () => later.response);
  const { user } = updates(appliance);
  expect(await screen.findByText("Checking for updates")).toBeVisible();
  later.give(problem(500, "the catalogue is unreadable"));
  expect(await screen.findByText("The updates could not be loaded")).toBeVisible();
  appliance.on("GET /packages/upgrades", () => json([NEWER]));
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("button", { name: "Update web" })).toBeVisible();
});

test("an update keeps the answers and asks for the newest version", async () => {
  const appliance = offeringUpgrade([NEWER]).on("POST /packages/install", empty);
  const { user } = updates(appliance);
  await user.click(await screen.findByRole("button", { name: "Update web" }));
  const dialog = await screen.findByRole("dialog", { name: "Update web" });
  expect(dialog).toHaveAccessibleDescription(/^From version 1\.0 to version 2\.0\./);
  expect(await within(dialog).findByText("Mine")).toBeVisible();
  expect(appliance.requests("POST /packages/responses")[0]?.body).toMatchObject({ version: "1.0" });
  await user.click(within(dialog).getByRole("button", { name: "Update" }));
  expect(await screen.findByRole("dialog", { name: "web has been updated" })).toBeVisible();
  expect(appliance.requests("POST /packages/install")[0]?.body).toMatchObject({ repo: "core", name: "web", version: "2.0", responses: { title: "Mine" } });
});

test("another version can be chosen, and its own questions are asked", async () => {
  const appliance = offeringUpgrade([NEWER]).on("POST /packages/install", empty);
  const { user } = updates(appliance);
  await user.click(await screen.findByRole("button", { name: "Update web" }));
  await user.click(await screen.findByText("More options"));
  const versions = await screen.findByRole("combobox", { name: "Version" });
  await waitFor(() => expect(versions).toBeEnabled());
  expect(Array.from(versions.querySelectorAll("option"), (option) => option.text)).toEqual(["2.0 (newest)", "1.5", "1.0 (installed)"]);
  await user.selectOptions(versions, "1.5");
  await waitFor(() => expect(appliance.requests("POST /packages/questions/identity").at(-1)?.body).toMatchObject({ version: "1.5" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Update" })).toBeEnabled());
  await user.click(screen.getByRole("button", { name: "Update" }));
  await waitFor(() => expect(appliance.requests("POST /packages/install")[0]?.body).toMatchObject({ version: "1.5" }));
});

test("a version missing from the repository can be changed for another one", async () => {
  const appliance = offeringUpgrade([NEWER]).on("POST /packages/questions/identity", ({ body }) => (body["version"] === "2.0" ? problem(404, "package not found") : json({})));
  const { user } = updates(appliance);
  await user.click(await screen.findByRole("button", { name: "Update web" }));
  expect(await screen.findByText("Version 2.0 could not be loaded")).toBeVisible();
  const versions = screen.getByRole("combobox", { name: "Version" });
  await waitFor(() => expect(versions).toBeEnabled());
  await user.selectOptions(versions, "1.5");
  await waitFor(() => expect(screen.getByRole("button", { name: "Update" })).toBeEnabled());
});

test("the navigation tells how many updates there are, until they are dismissed", async () => {
  const appliance = offeringUpgrade([NEWER]).on("POST /packages/upgrades/dismiss", empty);
  const { user } = updates(appliance);
  const sidebar = within(await screen.findByRole("complementary"));
  expect(await sidebar.findByRole("link", { name: /^Updates ?1 update$/ })).toBeVisible();
  appliance.on("GET /status/ping", () => json({ status: "ok", username: "ada", upgrades_available: 1, upgrades_dismissed: true }));
  await user.click(await screen.findByRole("button", { name: "Stop reminding me about these" }));
  expect(await screen.findByText("Reminders for these updates are off. You get a reminder again when there is something new.")).toBeVisible();
  expect(sidebar.getByRole("link", { name: "Updates" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Update web" })).toBeVisible();
});

test("users who are no administrators see updates and cannot install them", async () => {
  updates(offeringUpgrade([NEWER]), GUEST);
  expect(await screen.findByText("Only an administrator can update packages.")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Update|remind/ })).not.toBeInTheDocument();
});

test("the list of packages offers the update as well", async () => {
  const { user } = renderApp({ appliance: offeringUpgrade([NEWER]) });
  await user.click(await screen.findByRole("button", { name: "Update web" }));
  expect(await screen.findByRole("dialog", { name: "Update web" })).toBeVisible();
});

test("a failed update is shown at the package until it is dismissed", async () => {
  const appliance = offeringUpgrade([NEWER], { history: [UNDONE] });
  const { user } = renderApp({ appliance });
  expect(await screen.findByText("The update to 2.0 failed. Version 1.0 is running again with its data.")).toBeVisible();
  expect(screen.getByText("Reason: start failed: it ended by itself")).toBeVisible();
  await user.click(await screen.findByRole("button", { name: "Update web" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText("Reason: start failed: it ended by itself")).toBeVisible();
  await user.click(within(dialog).getByRole("button", { name: "Dismiss: the update of web failed" }));
  expect(screen.queryByText(/^The update to .* failed/)).not.toBeInTheDocument();
  expect(window.localStorage.getItem("dismissed_failed_upgrades")).toBe('["a"]');
});

test("a failed update says so in its dialog, with the last lines of the log", async () => {
  const appliance = offeringUpgrade([NEWER]).on("POST /packages/install", () => problem(422, UNDONE.error));
  const { user } = updates(appliance);
  await user.click(await screen.findByRole("button", { name: "Update web" }));
  await user.click(await screen.findByRole("button", { name: "Update" }));
  const dialog = await screen.findByRole("dialog", { name: "web could not be updated" });
  expect(dialog).toHaveAccessibleDescription("No data was lost. The previous version is running again with all its data.");
  expect(within(dialog).getByText("exit code 1")).toBeVisible();
});

const at = (minute: number, change: Partial<Operation>): Operation => ({ ...UNDONE, started_at: `2026-05-01T10:0${minute}:00Z`, ...change });

test("a failed update is forgotten when something later has worked", () => {
  expect(lastFailed([at(2, { kind: "install", state: "succeeded" }), at(1, {})])).toBeUndefined();
});

test("a failed update is shown despite other successes and failures", () => {
  const failed = at(2, { id: "failed" });
  expect(lastFailed([at(1, { state: "succeeded" }), failed, at(3, { kind: "disable", state: "undone" }), at(4, { state: "running" })])).toBe(failed);
});

test("an update that was cancelled did not fail", () => {
  expect(lastFailed([at(1, { state: "cancelled" })])).toBeUndefined();
});
