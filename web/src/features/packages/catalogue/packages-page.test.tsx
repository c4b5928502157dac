// @conformance CAT-03
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { PackageEntry } from "@/api/types";
import { Appliance, json, Later, page, problem } from "@/testing/appliance";
import { INSTALLED, offering, WEB } from "@/testing/packages";
import { GUEST, renderApp } from "@/testing/render";

const lastQuery = (appliance: Appliance) => appliance.requests("GET /packages").at(-1)?.query;

test("packages are shown with their descriptions", async () => {
  renderApp({ appliance: offering(WEB) });
  const card = within(await screen.findByRole("listitem"));
  expect(card.getByRole("heading", { name: "web" })).toBeVisible();
  expect(card.getByText("A page of your own")).toBeVisible();
  expect(card.getByText("Version 1.0 · from core")).toBeVisible();
  expect(card.getByText("Featured")).toBeVisible();
});

test("only featured packages are asked for at first, and the choices are kept", async () => {
  const { appliance, user } = renderApp({ appliance: offering(WEB) });
  const featured = await screen.findByRole("checkbox", { name: "Featured only" });
  const installed = screen.getByRole("checkbox", { name: "Installed only" });
  expect(featured).toBeChecked();
  expect(installed).not.toBeChecked();
  expect(lastQuery(appliance)?.get("featured_only")).toBe("true");
  expect(lastQuery(appliance)?.has("installed_only")).toBe(false);
  await user.click(featured);
  await user.click(installed);
  await waitFor(() => expect(lastQuery(appliance)?.get("installed_only")).toBe("true"));
  expect(lastQuery(appliance)?.has("featured_only")).toBe(false);
  expect(window.localStorage.getItem("pkg_featured_only")).toBe("false");
  expect(window.localStorage.getItem("pkg_installed_only")).toBe("true");
});

test("choices of an earlier visit count", async () => {
  window.localStorage.setItem("pkg_featured_only", "false");
  window.localStorage.setItem("pkg_installed_only", "true");
  renderApp({ appliance: offering(INSTALLED) });
  expect(await screen.findByRole("checkbox", { name: "Featured only" })).not.toBeChecked();
  expect(screen.getByRole("checkbox", { name: "Installed only" })).toBeChecked();
});

test("the appliance searches, and a changed filter begins at the first page", async () => {
  const appliance = new Appliance().on("GET /packages", () => page([WEB], { total_pages: 3, total_count: 50, has_more: true }));
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: "Next" }));
  await waitFor(() => expect(lastQuery(appliance)?.get("offset")).toBe("18"));
  expect(screen.getByText("Page 2 of 3")).toBeVisible();
  await user.type(screen.getByRole("searchbox", { name: "Search packages" }), "we b");
  await waitFor(() => expect(lastQuery(appliance)?.get("search")).toBe("we b"));
  expect(lastQuery(appliance)?.get("offset")).toBe("0");
});

test("a list without featured packages leads to all packages", async () => {
  const appliance = new Appliance().on("GET /packages", ({ query }) => page(query.has("featured_only") ? [] : [WEB]));
  const { user } = renderApp({ appliance });
  expect(await screen.findByText("No featured packages yet")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show all packages" }));
  expect(await screen.findByRole("heading", { name: "web" })).toBeVisible();
  expect(screen.getByRole("checkbox", { name: "Featured only" })).not.toBeChecked();
});

test.each([
  ["pkg_installed_only", "true", "No packages installed yet"],
  ["pkg_featured_only", "false", "No packages yet"],
])("an empty list says why: %s", async (key, value, title) => {
  window.localStorage.setItem(key, value);
  renderApp();
  expect(await screen.findByText(title)).toBeVisible();
});

test("a search without a result says so and can be cleared", async () => {
  const { user } = renderApp();
  await user.type(await screen.findByRole("searchbox"), "zzz");
  expect(await screen.findByText("No packages match “zzz”")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear the search" }));
  expect(await screen.findByText("No featured packages yet")).toBeVisible();
});

test("while it loads the page says so", async () => {
  const later = new Later();
  renderApp({ appliance: new Appliance().on("GET /packages", () => later.response) });
  expect(await screen.findByText("Loading packages")).toBeVisible();
  later.give(page([WEB]));
  expect(await screen.findByRole("heading", { name: "web" })).toBeVisible();
});

test("an error is told and can be tried again", async () => {
  const appliance = new Appliance().on("GET /packages", () => problem(500, "the catalogue is unreadable"));
  const { user } = renderApp({ appliance });
  expect(await screen.findByText("The packages could not be loaded")).toBeVisible();
  expect(screen.getByText("the catalogue is unreadable")).toBeVisible();
  appliance.on("GET /packages", () => page([WEB]));
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "web" })).toBeVisible();
});

test("repositories that could not be read are told beside the packages", async () => {
  const ping = { status: "ok", username: "ada", repository_errors: { games: "authentication failed" } };
  renderApp({ appliance: offering(WEB).on("GET /status/ping", () => json(ping)) });
  expect(await screen.findByText("The repository “games” could not be read: authentication failed")).toBeVisible();
  expect(screen.getByRole("heading", { name: "web" })).toBeVisible();
});

test("a package that cannot be read shows why and cannot be installed", async () => {
  const broken: PackageEntry = { ...WEB, error: "image: missing" };
  renderApp({ appliance: offering(broken) });
  expect(await screen.findByText("image: missing")).toBeVisible();
  expect(screen.getByRole("button", { name: "Install web" })).toBeDisabled();
});

test("each error of a manifest has its own line, and only the first are shown at once", async () => {
  const error = ["image: this is missing", "volumes.data.mountpoint: must be absolute (line 12)", "questions.port.type: no such type (line 20)"].join("\n");
  const { user } = renderApp({ appliance: offering({ ...WEB, error }) });
  expect(await screen.findByText("volumes.data.mountpoint: must be absolute (line 12)")).toBeVisible();
  expect(screen.getByText("questions.port.type: no such type (line 20)")).not.toBeVisible();
  await user.click(screen.getByText("1 more"));
  expect(screen.getByText("questions.port.type: no such type (line 20)")).toBeVisible();
});

test("packages can be grouped by repository, and the choice is kept", async () => {
  const group = (repo: string, ...names: string[]) => ({ repo, packages: names.map((name) => ({ repo, name, version: "1.0" })) });
  const appliance = offering(INSTALLED).on("GET /packages/by-repo", () => json([group("core", "web"), group("games", "chess", "web")]));
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("checkbox", { name: "Group by repository" }));
  const games = within((await screen.findByRole("heading", { name: "games" })).closest("section") as HTMLElement);
  expect(games.getByText("2 packages")).toBeVisible();
  expect(games.getByRole("button", { name: "Install chess" })).toBeVisible();
  const core = within(screen.getByRole("heading", { name: "core" }).closest("section") as HTMLElement);
  expect(core.getByText("A page of your own")).toBeVisible();
  expect(core.getByText("Installed")).toBeVisible();
  expect(appliance.requests("GET /packages/by-repo").at(-1)?.query.get("featured_only")).toBe("true");
  expect(window.localStorage.getItem("pkg_group_by_repo")).toBe("true");
});

test("the list shows only installed packages if that is chosen", async () => {
  window.localStorage.setItem("pkg_group_by_repo", "true");
  window.localStorage.setItem("pkg_installed_only", "true");
  const packages = ["web", "chess"].map((name) => ({ repo: "core", name, version: "1.0" }));
  renderApp({ appliance: offering(INSTALLED).on("GET /packages/by-repo", () => json([{ repo: "core", packages }])) });
  expect(await screen.findByRole("heading", { name: "web" })).toBeVisible();
  expect(screen.queryByRole("heading", { name: "chess" })).not.toBeInTheDocument();
});

test("a large group shows its first packages until it is asked for all", async () => {
  window.localStorage.setItem("pkg_group_by_repo", "true");
  const packages = Array.from({ length: 20 }, (_, index) => ({ repo: "core", name: `app-${index}`, version: "1.0" }));
  const { user } = renderApp({ appliance: offering(WEB).on("GET /packages/by-repo", () => json([{ repo: "core", packages }])) });
  expect(await screen.findAllByRole("button", { name: /^Install app/ })).toHaveLength(12);
  await user.click(screen.getByRole("button", { name: "Show all 20 packages of core" }));
  expect(screen.getAllByRole("button", { name: /^Install app/ })).toHaveLength(20);
});

test("only administrators are offered to install and uninstall", async () => {
  const appliance = new Appliance().on("GET /packages", () => page([WEB, { ...INSTALLED, name: "other" }]));
  renderApp({ session: GUEST, appliance });
  expect(await screen.findByText("Only an administrator can install packages.")).toBeVisible();
  expect(screen.queryByRole("button", { name: /^(Install|Uninstall)/ })).not.toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Details of other" })).toBeVisible();
});
