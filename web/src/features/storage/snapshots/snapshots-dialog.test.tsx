import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { SnapshotEntry } from "@/api/types";
import { empty, json, problem, Stream } from "@/testing/appliance";
import { operation, step } from "@/testing/operations";
import { ADMIN, GUEST, renderApp } from "@/testing/render";
import { MB, SNAPSHOT, STORAGE_PATH, storing } from "@/testing/storage";

const OLDER = { ...SNAPSHOT, id: "s0", created_at: "2026-04-01T10:00:00Z", reason: "user" as const };
const MTIME = "2026-04-30T08:00:00Z";

function entry(name: string, type: SnapshotEntry["type"] = "file", size = 0): SnapshotEntry {
  return { name, type, size, mtime: MTIME };
}

const FOLDERS: Record<string, SnapshotEntry[]> = {
  "": [entry("cover.jpg", "file", 2 * MB), entry("latest", "link"), entry("trips", "directory"), entry("a\ufffd")],
  trips: [entry("rome.jpg")],
};

function withSnapshots() {
  return storing()
    .on("POST /storage/snapshots", () => json([OLDER, SNAPSHOT]))
    .on("POST /storage/snapshots/browse", ({ body }) => json(FOLDERS[String(body["path"])]));
}

async function dialog({ appliance = withSnapshots(), session = ADMIN, of = "photos" } = {}) {
  const { user } = renderApp({ appliance, session, path: STORAGE_PATH });
  await user.click(await screen.findByRole("button", { name: /^web/ }));
  await user.click(await screen.findByRole("button", { name: `Snapshots of ${of}` }));
  return { user, appliance, list: within(await screen.findByRole("dialog", { name: `Snapshots of ${of}` })) };
}

/** The newest snapshot, opened at its top. */
async function browsing(options: Parameters<typeof dialog>[0] = {}) {
  const opened = await dialog(options);
  await opened.user.click((await opened.list.findAllByRole("button", { name: /^Browse/ }))[0] as HTMLElement);
  return { ...opened, browser: within(await screen.findByRole("dialog", { name: "Snapshot of photos" })) };
}

test("snapshots are listed newest first, with their reason and size in words", async () => {
  const { appliance, list } = await dialog();
  const rows = await list.findAllByRole("listitem");
  expect(rows[0]).toHaveTextContent("Before an upload");
  expect(rows[0]).toHaveTextContent("9 GB in total, 5 MB of it not shared with other snapshots");
  expect(rows[1]).toHaveTextContent("Manual, or before a restore");
  expect(appliance.requests("POST /storage/snapshots")[0]?.body).toEqual({ volume: "user/photos" });
});

test("an empty list of snapshots says when they are made", async () => {
  const { list } = await dialog({ appliance: withSnapshots().on("POST /storage/snapshots", () => json([])) });
  expect(await list.findByText("No snapshots yet")).toBeVisible();
});

test("an error is told and can be tried again", async () => {
  const { user, appliance, list } = await dialog({ appliance: withSnapshots().on("POST /storage/snapshots", () => problem(500, "the disk does not answer")) });
  expect(await list.findByText("The snapshots could not be loaded")).toBeVisible();
  appliance.on("POST /storage/snapshots", () => json([SNAPSHOT]));
  await user.click(list.getByRole("button", { name: "Try again" }));
  expect(await list.findByText("Before an upload")).toBeVisible();
});

test("a snapshot is taken and then listed", async () => {
  const { user, appliance, list } = await dialog({ appliance: withSnapshots().on("POST /storage/snapshots", () => json([])) });
  await list.findByText("No snapshots yet");
  appliance.on("POST /storage/snapshots/create", () => json(OLDER)).on("POST /storage/snapshots", () => json([OLDER]));
  await user.click(list.getByRole("button", { name: "Take a snapshot" }));
  expect(await list.findByText("Manual, or before a restore")).toBeVisible();
  expect(appliance.requests("POST /storage/snapshots/create")[0]?.body).toEqual({ volume: "user/photos" });
});

test("a snapshot that cannot be taken says why", async () => {
  const { user, list } = await dialog({ appliance: withSnapshots().on("POST /storage/snapshots/create", () => problem(507, "no space left on the disk")) });
  await user.click(list.getByRole("button", { name: "Take a snapshot" }));
  expect(await list.findByText("no space left on the disk")).toBeVisible();
});

test("a snapshot is browsed directory by directory, and back", async () => {
  const { user, appliance, browser } = await browsing();
  const names = (await browser.findAllByRole("listitem")).map((row) => row.textContent);
  expect(names[0]).toMatch(/^tripsDirectory/);
  expect(names[1]).toMatch(/^cover\.jpg2 MB/);
  expect(names[2]).toMatch(/^latestLink/);
  await user.click(browser.getByRole("button", { name: "trips" }));
  expect(await browser.findByText("rome.jpg")).toBeVisible();
  expect(appliance.requests("POST /storage/snapshots/browse").at(-1)?.body).toEqual({ volume: "user/photos", id: "s1", path: "trips" });
  await user.click(within(browser.getByRole("navigation", { name: "Current directory" })).getByRole("button", { name: "photos" }));
  expect(await browser.findByText("cover.jpg")).toBeVisible();
  await user.click(browser.getByRole("button", { name: "All snapshots" }));
  expect(await screen.findByRole("dialog", { name: "Snapshots of photos" })).toBeVisible();
});

test("a name that is no text is shown, and why it cannot be restored by itself", async () => {
  const { browser } = await browsing();
  expect(await browser.findByText(/You can only restore the directory that contains it\.$/)).toBeVisible();
  expect(browser.queryByRole("button", { name: /^Restore a/ })).not.toBeInTheDocument();
});

test("a file is restored after its consequences were told", async () => {
  const { user, appliance, browser } = await browsing();
  appliance.on("POST /storage/snapshots/restore", empty);
  await user.click(browser.getByRole("button", { name: "trips" }));
  await user.click(await browser.findByRole("button", { name: "Restore rome.jpg" }));
  const question = within(await screen.findByRole("dialog", { name: "Restore trips/rome.jpg?" }));
  expect(question.getByText("Only this file goes back to that state. Nothing else changes.")).toBeVisible();
  expect(question.getByText(/^The current state is saved as a snapshot first/)).toBeVisible();
  await user.click(question.getByRole("button", { name: "Restore" }));
  expect(await screen.findByRole("dialog", { name: "photos has been restored" })).toBeVisible();
  expect(appliance.requests("POST /storage/snapshots/restore")[0]?.body).toEqual({
    volume: "user/photos",
    id: "s1",
    path: "trips/rome.jpg",
    operation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test("a restore that is given up leads back to the list", async () => {
  const { user, browser } = await browsing();
  await user.click(browser.getByRole("button", { name: "trips" }));
  await user.click(await browser.findByRole("button", { name: "Restore this directory" }));
  await user.click(await screen.findByRole("button", { name: "Back" }));
  expect(await screen.findByText("rome.jpg")).toBeVisible();
});

test("restoring a package's volume says that the package stops", async () => {
  const events = new Stream();
  const restoring = new Promise<Response>(() => undefined);
  const appliance = withSnapshots()
    .on("GET /operations/events", () => events.response)
    .on("POST /storage/snapshots/restore", () => restoring);
  const { user, list } = await dialog({ appliance, of: "html of web 1.0" });
  await user.click((await list.findAllByRole("button", { name: /^Restore the snapshot/ }))[0] as HTMLElement);
  const question = within(await screen.findByRole("dialog", { name: "Restore html of web 1.0?" }));
  expect(question.getByText("web stops for a moment and starts again automatically.")).toBeVisible();
  await user.click(question.getByRole("button", { name: "Restore" }));
  const progress = await screen.findByRole("dialog", { name: "Restoring html of web 1.0" });
  await waitFor(() => expect(appliance.requests("POST /storage/snapshots/restore")).toHaveLength(1));
  const body = appliance.requests("POST /storage/snapshots/restore")[0]?.body;
  expect(body).not.toHaveProperty("path");
  act(() => events.event(operation({ id: String(body?.["operation_id"]), kind: "restore-snapshot", steps: [step("stop", { state: "running" })] })));
  expect(await within(progress).findByRole("listitem", { current: "step" })).toHaveTextContent("Stopping the application");
});

test("a failed restore says why", async () => {
  const { user, list } = await dialog({ appliance: withSnapshots().on("POST /storage/snapshots/restore", () => problem(507, "9 GB do not fit")) });
  await user.click((await list.findAllByRole("button", { name: /^Restore the snapshot/ }))[0] as HTMLElement);
  await user.click(await screen.findByRole("button", { name: "Restore" }));
  const failed = await screen.findByRole("dialog", { name: "photos could not be restored" });
  expect(failed).toHaveAccessibleDescription("Nothing has changed in the volume.");
  expect(within(failed).getByText("9 GB do not fit")).toBeVisible();
});

test("a snapshot is deleted after a confirmation that says what it frees", async () => {
  const { user, appliance, list } = await dialog();
  appliance.on("POST /storage/snapshots/remove", empty);
  await user.click((await list.findAllByRole("button", { name: /^Delete/ }))[0] as HTMLElement);
  const question = within(await screen.findByRole("dialog", { name: "Delete this snapshot?" }));
  expect(question.getByText("Your current files stay. This frees 5 MB on the disk.")).toBeVisible();
  appliance.on("POST /storage/snapshots", () => json([OLDER]));
  await user.click(question.getByRole("button", { name: "Delete" }));
  expect(await screen.findByRole("dialog", { name: "Snapshots of photos" })).toBeVisible();
  expect(await screen.findAllByRole("button", { name: /^Browse/ })).toHaveLength(1);
  expect(appliance.requests("POST /storage/snapshots/remove")[0]?.body).toEqual({ volume: "user/photos", id: "s1" });
});

test("others than administrators can only look", async () => {
  const { browser } = await browsing({ session: GUEST });
  expect(await browser.findByText("cover.jpg")).toBeVisible();
  expect(screen.queryByRole("button", { name: /^(Restore|Delete|Take)/ })).not.toBeInTheDocument();
});
