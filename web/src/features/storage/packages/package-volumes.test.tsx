// @conformance STO-14
import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { empty, page, problem, Stream } from "@/testing/appliance";
import { operation } from "@/testing/operations";
import { ADMIN, GUEST, renderApp } from "@/testing/render";
import { MB, STORAGE_PATH, storing } from "@/testing/storage";
import { filesystem } from "@/testing/volumes";

const path = STORAGE_PATH;

async function opened(appliance = storing(), session = ADMIN) {
  const { user } = renderApp({ appliance, path, session });
  await user.click(await screen.findByRole("button", { name: /^web/ }));
  return { appliance, user };
}

test("a package is collapsed, and opens to its volumes with use and state", async () => {
  const { user } = renderApp({ appliance: storing(), path });
  const heading = await screen.findByRole("button", { name: /^web/ });
  expect(heading).toHaveAttribute("aria-expanded", "false");
  expect(heading).toHaveTextContent("from core · 1 volume · 1 version · 10 MB of 64 MB used");
  expect(heading).toHaveTextContent("Installed");
  expect(screen.queryByRole("button", { name: "Modify html of web 1.0" })).not.toBeInTheDocument();
  await user.click(heading);
  expect(screen.getByRole("button", { name: "Modify html of web 1.0" })).toBeVisible();
  expect(screen.queryByRole("heading", { level: 4 })).not.toBeInTheDocument();
});

test("volumes of uninstalled packages are shown on request", async () => {
  const { user } = await opened();
  await user.click(screen.getByRole("checkbox", { name: "Show uninstalled volumes" }));
  const version = await screen.findByRole("heading", { name: /^Version 0\.9/ });
  expect(version).toHaveTextContent("20 MB of 64 MB used");
  expect(version).toHaveTextContent("Uninstalled");
  expect(screen.getByRole("heading", { name: /^Version 1\.0/ })).toHaveTextContent("Installed");
  expect(screen.getByRole("button", { name: /^web/ })).toHaveTextContent("2 volumes · 2 versions · 30 MB of 128 MB used");
  expect(screen.getByRole("button", { name: "Modify html of web 0.9" })).toBeVisible();
});

test("more volumes than one answer holds are asked for to the last", async () => {
  const pages = [page([filesystem("installed/core/web/1.0/a")], { total_count: 2 }), page([filesystem("installed/core/web/1.0/b")], { total_count: 2 })];
  const appliance = storing().on("POST /storage", ({ body }) => (body["state"] === "installed" && pages.shift()) || page([]));
  await opened(appliance);
  expect(screen.getByRole("button", { name: "Modify b of web 1.0" })).toBeVisible();
  expect(appliance.requests("POST /storage").map(({ body }) => [body["state"], body["offset"]])).toContainEqual(["installed", 1]);
});

test("only the limit of a package volume can be changed, and its package is shown", async () => {
  const { appliance, user } = await opened(storing().on("POST /storage/modify", empty));
  await user.click(screen.getByRole("button", { name: "Modify html of web 1.0" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Modify html of web 1.0" }));
  expect(dialog.getByText("web, version 1.0")).toBeVisible();
  expect(dialog.getByText("Installed")).toBeVisible();
  expect(dialog.getByText("town-os-package--core-web-1.0.service")).toBeVisible();
  expect(dialog.queryByRole("textbox", { name: "Name" })).not.toBeInTheDocument();
  await user.clear(dialog.getByLabelText("Size limit"));
  await user.type(dialog.getByLabelText("Size limit"), "128");
  await user.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  const name = "installed/core/web/1.0/html";
  expect(appliance.requests("POST /storage/modify")[0]?.body).toEqual({ name, filesystem: { name, quota: 128 * MB } });
});

test("a volume of no installed package has no service", async () => {
  const { user } = await opened();
  await user.click(screen.getByRole("checkbox", { name: "Show uninstalled volumes" }));
  await user.click(await screen.findByRole("button", { name: "Modify html of web 0.9" }));
  expect(await screen.findByText("None, because the package is not installed")).toBeVisible();
});

test("a leaf offers download, upload, snapshots and modify", async () => {
  await opened();
  for (const action of ["Download html of web 1.0", "Upload to html of web 1.0", "Snapshots of html of web 1.0", "Modify html of web 1.0"]) {
    expect(screen.getByRole("button", { name: action })).toBeVisible();
  }
  expect(screen.queryByRole("button", { name: "Delete html of web 1.0" })).not.toBeInTheDocument();
});

test("others than administrators modify and look at snapshots", async () => {
  await opened(storing(), GUEST);
  expect(screen.getByRole("button", { name: "Modify html of web 1.0" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Snapshots of html of web 1.0" })).toBeVisible();
  expect(screen.queryByRole("button", { name: /^(Download|Upload)/ })).not.toBeInTheDocument();
});

test("a busy package shows its operation instead of actions", async () => {
  const events = new Stream();
  const { user } = await opened(storing().on("GET /operations/events", () => events.response));
  act(() => events.event(operation({ id: "one", kind: "restore-snapshot" })));
  expect(await screen.findByText("Restoring…")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Modify html of web 1.0" })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Show progress" }));
  expect(await screen.findByRole("dialog", { name: "Restoring web" })).toBeVisible();
  act(() => events.event(operation({ id: "one", kind: "restore-snapshot", state: "succeeded" })));
  expect(await screen.findByRole("button", { name: "Modify html of web 1.0", hidden: true })).toBeInTheDocument();
});

test("an empty list of packages says so", async () => {
  renderApp({ appliance: storing({ packages: [] }), path });
  expect(await screen.findByText("No package volumes yet")).toBeVisible();
});

test("an error is told", async () => {
  renderApp({ appliance: storing().on("POST /storage", () => problem(500, "the disk does not answer")), path });
  expect(await screen.findByText("The package volumes could not be loaded")).toBeVisible();
});
