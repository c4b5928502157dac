// @conformance STO-14
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { empty, page, problem, json, PING } from "@/testing/appliance";
import { GUEST, renderApp } from "@/testing/render";
import { GB, PHOTOS, STORAGE_PATH, storing } from "@/testing/storage";
import { userVolume } from "@/testing/volumes";

const path = STORAGE_PATH;

async function table() {
  return within(await screen.findByRole("table", { name: "User Filesystems" }));
}

function asked(appliance: ReturnType<typeof storing>) {
  return appliance.requests("POST /storage").filter(({ body }) => body["state"] === "user");
}

test("each volume tells its use and its limit in words and as a bar", async () => {
  renderApp({ appliance: storing(), path });
  const rows = await table();
  expect(rows.getByRole("row", { name: /^photos/ })).toHaveTextContent("9 GB of 10 GB used");
  expect(rows.getByRole("meter", { name: "Space used by photos" })).toHaveAttribute("aria-valuenow", "90");
  expect(rows.getByRole("row", { name: /^scratch/ })).toHaveTextContent("12 MB used, no limit");
});

test.each([
  [8, ""],
  [9, "Almost full"],
  [9.6, "Full"],
  [11, "Full"],
])("that %d of 10 GB are used can be read without seeing colours", async (used, text) => {
  renderApp({ appliance: storing({ user: [userVolume("photos", 10 * GB, used * GB)] }), path });
  const row = (await table()).getByRole("row", { name: /^photos/ });
  expect(within(row).queryByText(/^(Almost full|Full)$/)?.textContent ?? "").toBe(text);
});

test("the table is sorted by its headings, and back", async () => {
  const { appliance, user } = renderApp({ appliance: storing(), path });
  const rows = await table();
  expect(rows.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
  await user.click(rows.getByRole("button", { name: "Used" }));
  await waitFor(() => expect(asked(appliance).at(-1)?.body).toMatchObject({ sort_by: "referenced", sort_order: "asc" }));
  await user.click(rows.getByRole("button", { name: "Used" }));
  await waitFor(() => expect(asked(appliance).at(-1)?.body).toMatchObject({ sort_by: "referenced", sort_order: "desc" }));
  expect(rows.getByRole("columnheader", { name: "Used" })).toHaveAttribute("aria-sort", "descending");
  await user.click(rows.getByRole("button", { name: "Size limit" }));
  await waitFor(() => expect(asked(appliance).at(-1)?.body).toMatchObject({ sort_by: "quota", sort_order: "asc" }));
});

test("the table has pages", async () => {
  const appliance = storing().on("POST /storage", () => page([PHOTOS], { total_pages: 3, has_more: true, total_count: 41 }));
  const { user } = renderApp({ appliance, path });
  const pages = within(await screen.findByRole("navigation", { name: "Pages" }));
  await user.click(pages.getByRole("button", { name: "Next" }));
  await waitFor(() => expect(asked(appliance).at(-1)?.body).toMatchObject({ limit: 20, offset: 20 }));
  expect(await screen.findByText("Page 2 of 3")).toBeVisible();
});

test("a search begins on the first page, and says when it finds nothing", async () => {
  const { appliance, user } = renderApp({ appliance: storing(), path });
  await table();
  appliance.on("POST /storage", () => page([]));
  await user.type(screen.getByRole("searchbox", { name: "Search your volumes" }), "holiday");
  expect(await screen.findByText("No volumes match “holiday”")).toBeVisible();
  expect(asked(appliance).at(-1)?.body).toMatchObject({ search: "holiday", offset: 0 });
});

test("an empty list of volumes says what they are for", async () => {
  renderApp({ appliance: storing({ user: [] }), path });
  expect(await screen.findByText("You have no volumes yet")).toBeVisible();
});

test("an error is told and can be tried again", async () => {
  const appliance = storing().on("POST /storage", () => problem(500, "the disk does not answer"));
  const { user } = renderApp({ appliance, path });
  const error = (await screen.findByText("Your volumes could not be loaded")).closest('[role="alert"]');
  appliance.on("POST /storage", () => page([PHOTOS]));
  await user.click(within(error as HTMLElement).getByRole("button", { name: "Try again" }));
  expect((await table()).getByText("photos")).toBeVisible();
});

test("a new volume begins with the usual limit", async () => {
  const appliance = storing().on("POST /storage/create", empty);
  const { user } = renderApp({ appliance, path });
  await user.click(await screen.findByRole("button", { name: "Create" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Create a volume" }));
  expect(await dialog.findByLabelText("Size limit")).toHaveValue("50");
  expect(dialog.getByLabelText("Size limit")).toHaveAccessibleDescription("How much it can hold at most. 0 means no limit.");
  await user.type(dialog.getByLabelText("Name"), "music");
  await user.click(dialog.getByRole("button", { name: "Create" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(appliance.requests("POST /storage/create")[0]?.body).toEqual({ name: "music", quota: 50 * GB });
});

test("a missing value or invalid number is told at its field before anything is asked", async () => {
  const { appliance, user } = renderApp({ appliance: storing(), path });
  await user.click(await screen.findByRole("button", { name: "Create" }));
  const dialog = within(await screen.findByRole("dialog"));
  const limit = await dialog.findByLabelText("Size limit");
  await user.clear(limit);
  await user.type(limit, "-1");
  await user.click(dialog.getByRole("button", { name: "Create" }));
  expect(dialog.getByLabelText("Name")).toHaveAccessibleDescription(/Enter a name\.$/);
  expect(limit).toHaveAccessibleDescription(/Enter a number, or 0 for no limit\.$/);
  await waitFor(() => expect(dialog.getByLabelText("Name")).toHaveFocus());
  expect(appliance.requests("POST /storage/create")).toEqual([]);
});

test("a refusal is told at its field, and any other error below", async () => {
  const appliance = storing().on("POST /storage/create", () => problem(422, "invalid", { name: "cannot modify reserved filesystem" }));
  const { user } = renderApp({ appliance, path });
  await user.click(await screen.findByRole("button", { name: "Create" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(await dialog.findByLabelText("Name"), "installed");
  await user.click(dialog.getByRole("button", { name: "Create" }));
  await waitFor(() => expect(dialog.getByLabelText("Name")).toHaveAccessibleDescription(/cannot modify reserved filesystem$/));
  expect(dialog.queryByRole("alert")).not.toBeInTheDocument();
  appliance.on("POST /storage/create", () => problem(409, "filesystem photos already exists"));
  await user.click(dialog.getByRole("button", { name: "Create" }));
  expect(await dialog.findByText("filesystem photos already exists")).toBeVisible();
});

test("name and limit are changed together", async () => {
  const appliance = storing().on("POST /storage/modify", empty);
  const { user } = renderApp({ appliance, path });
  await user.click(await screen.findByRole("button", { name: "Modify photos" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Modify photos" }));
  const name = dialog.getByLabelText("Name");
  await user.clear(name);
  await user.type(name, "pictures");
  await user.clear(dialog.getByLabelText("Size limit"));
  await user.type(dialog.getByLabelText("Size limit"), "512");
  await user.selectOptions(dialog.getByLabelText("Unit"), "MB");
  expect(dialog.getByText(/^It already holds 9 GB/)).toBeVisible();
  await user.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(appliance.requests("POST /storage/modify")[0]?.body).toEqual({ name: "photos", filesystem: { name: "pictures", quota: 512 * 1024 ** 2 } });
});

test("a volume is deleted only after people have said that they understand", async () => {
  const appliance = storing().on("POST /storage/remove", empty);
  const { user } = renderApp({ appliance, path });
  await user.click(await screen.findByRole("button", { name: "Delete photos" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete photos?" }));
  expect(dialog.getByText("9 GB of files will be deleted permanently.")).toBeVisible();
  expect(dialog.getByRole("button", { name: "Delete permanently" })).toBeDisabled();
  await user.click(dialog.getByRole("checkbox"));
  await user.click(dialog.getByRole("button", { name: "Delete permanently" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(appliance.requests("POST /storage/remove")[0]?.body).toEqual({ name: "photos" });
});

test("users without administrator rights cannot upload or download archives", async () => {
  const { appliance, user } = renderApp({ appliance: storing(), path, session: GUEST });
  const rows = await table();
  expect(rows.getByRole("button", { name: "Modify photos" })).toBeVisible();
  expect(rows.getByRole("button", { name: "Delete photos" })).toBeVisible();
  expect(rows.queryByRole("button", { name: /^(Download|Upload)/ })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByLabelText("Size limit")).toHaveValue("50");
  expect(appliance.requests("POST /settings/get")).toEqual([]);
});

test("an appliance that tells no default limit leaves it to the user", async () => {
  const { default_quota: _, ...older } = PING;
  const { user } = renderApp({ appliance: storing().on("GET /status/ping", () => json(older)), path });
  await table();
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByLabelText("Size limit")).toHaveValue("");
});

test("the thresholds of the appliance decide what counts as full", async () => {
  const appliance = storing().on("GET /status/ping", () => json({ ...PING, space_thresholds: { warn: 10, stop: 90 } }));
  renderApp({ appliance, path });
  const row = await screen.findByRole("row", { name: /photos/ });
  expect(await within(row).findByText("Full")).toBeInTheDocument();
});
