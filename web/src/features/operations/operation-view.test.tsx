import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { type Appliance, empty, Later, page, problem, Stream } from "@/testing/appliance";
import { operation, step } from "@/testing/operations";
import { INSTALLED, offering, WEB } from "@/testing/packages";
import { ADMIN, GUEST, renderApp } from "@/testing/render";

const ID = "11111111-1111-4111-8111-111111111111";

/** The page while an operation runs that was begun before the page was loaded. */
async function watching(appliance: Appliance, running = operation({ id: ID }), session = ADMIN) {
  const events = new Stream();
  const { user } = renderApp({ appliance: appliance.on("GET /operations/events", () => events.response), session });
  act(() => events.event(running));
  await user.click(await screen.findByRole("button", { name: "Show progress" }));
  return { user, events, dialog: await screen.findByRole("dialog") };
}

test("an operation that runs is found again after the page was loaded anew", async () => {
  const { dialog, events } = await watching(offering(WEB));
  expect(dialog).toHaveAccessibleName("Installing web");
  expect(within(dialog).getByRole("listitem", { current: "step" })).toHaveTextContent("Downloading the package");
  act(() => events.event(operation({ id: ID, state: "succeeded" })));
  expect(await screen.findByRole("dialog", { name: "web is ready" })).toBeVisible();
});

test("progress in bytes is told in words", async () => {
  const pull = step("pull", { state: "running", unit: "bytes", done: 30 * 1024 ** 2, total: 120 * 1024 ** 2 });
  const { dialog } = await watching(offering(WEB), operation({ id: ID, steps: [pull] }));
  expect(within(dialog).getByText("25% · 30 MB of 120 MB")).toBeVisible();
});

test("an amount that nobody knows is not told", async () => {
  const { dialog } = await watching(offering(WEB), operation({ id: ID, steps: [step("pull", { state: "running", unit: "bytes", done: 5 })] }));
  expect(dialog).not.toHaveTextContent("%");
});

test("an operation that is cancelled says that it was rolled back", async () => {
  const later = new Later();
  const appliance = offering(WEB).on("POST /operations/cancel", () => later.response);
  const { user, dialog } = await watching(appliance);
  await user.click(within(dialog).getByRole("button", { name: "Cancel and roll back" }));
  expect(within(dialog).getByRole("button", { name: "Rolling back…" })).toBeDisabled();
  expect(dialog).toHaveAccessibleDescription("The task is being cancelled. All its changes are rolled back.");
  expect(appliance.requests("POST /operations/cancel")[0]?.body).toEqual({ id: ID });
  later.give(empty());
  const cancelled = await screen.findByRole("dialog", { name: "web: cancelled" });
  expect(cancelled).toHaveAccessibleDescription("You cancelled the task. All its changes were rolled back.");
});

test("the request that began it may be answered before the one that cancels it", async () => {
  const installing = new Later();
  const events = new Stream();
  const appliance = offering(WEB)
    .on("GET /operations/events", () => events.response)
    .on("POST /packages/install", () => installing.response)
    .on("POST /operations/cancel", () => new Later().response);
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: "Install web" }));
  await user.click(await screen.findByRole("button", { name: "Install" }));
  await waitFor(() => expect(appliance.requests("POST /packages/install")).toHaveLength(1));
  act(() => events.event(operation({ id: String(appliance.requests("POST /packages/install")[0]?.body["operation_id"]) })));
  await user.click(await screen.findByRole("button", { name: "Cancel and roll back" }));
  installing.give(problem(409, "install core/web@1.0 was cancelled"));
  expect(await screen.findByRole("dialog", { name: "web: cancelled" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Back to the form" }));
  expect(await screen.findByRole("dialog", { name: "Install web" })).toBeVisible();
});

test("an operation that cannot be cancelled any more says why and goes on", async () => {
  const appliance = offering(WEB).on("POST /operations/cancel", () => problem(409, "it can no longer be cancelled"));
  const { user, dialog } = await watching(appliance);
  await user.click(within(dialog).getByRole("button", { name: "Cancel and roll back" }));
  expect(await within(dialog).findByText("The task could not be cancelled")).toBeVisible();
  expect(within(dialog).getByText("it can no longer be cancelled")).toBeVisible();
  expect(dialog).toHaveAccessibleName("Installing web");
});

test("only administrators can cancel", async () => {
  const { dialog } = await watching(offering(WEB), operation({ id: ID }), GUEST);
  expect(within(dialog).queryByRole("button", { name: "Cancel and roll back" })).not.toBeInTheDocument();
});

test("a warning of a step is shown during the operation and afterwards", async () => {
  const seed = step("seed", { state: "succeeded", warnings: ["the themes could not be cloned"] });
  const { dialog, events } = await watching(offering(WEB), operation({ id: ID, steps: [seed, step("start")] }));
  expect(within(dialog).getByText("the themes could not be cloned")).toBeVisible();
  act(() => events.event(operation({ id: ID, state: "succeeded", steps: [seed] })));
  const done = await screen.findByRole("dialog", { name: "web is ready" });
  expect(within(done).getByText("the themes could not be cloned")).toBeVisible();
});

test("a warning whose code the page knows is said in its words", async () => {
  const warned = { warnings: ["the themes could not be cloned", "filesystem photos not found"], warning_details: [{ code: "git.failed", params: [] }, { code: "storage.not_found", params: ["photos"] }] };
  const { dialog } = await watching(offering(WEB), operation({ id: ID, steps: [step("seed", { state: "succeeded", ...warned })] }));
  expect(within(dialog).getByText("the themes could not be cloned")).toBeVisible();
  expect(within(dialog).getByText("There is no volume called photos.")).toBeVisible();
});

test("a step that this page does not know goes by its own name", async () => {
  const { dialog } = await watching(offering(WEB), operation({ id: ID, steps: [step("defragment", { state: "running" })] }));
  expect(within(dialog).getByText("defragment")).toBeVisible();
});

test("an operation of a kind that this page does not know is shown all the same", async () => {
  const { dialog } = await watching(offering(INSTALLED), operation({ id: ID, kind: "polish", steps: [] }));
  expect(dialog).toHaveAccessibleName("Working on web");
});

test("the result of a background operation is shown until it is dismissed", async () => {
  const events = new Stream();
  const { user } = renderApp({ appliance: offering(WEB).on("GET /operations/events", () => events.response), path: "/dashboard/services" });
  act(() => events.event(operation({ id: ID })));
  const tray = within(await screen.findByRole("region", { name: "Running tasks" }));
  expect(tray.getByText("Installing web")).toBeVisible();
  expect(tray.getByText("Downloading the package · 40% · 2 of 5")).toBeVisible();
  act(() => events.event(operation({ id: ID, state: "undone", error: "no such image", steps: [] })));
  await user.click(await screen.findByRole("button", { name: "Show: web could not be installed" }));
  expect(within(await screen.findByRole("dialog")).getByText("no such image")).toBeVisible();
  await user.click(screen.getAllByRole("button", { name: "Close" })[0] as HTMLElement);
  expect(screen.queryByRole("region", { name: "Running tasks" })).not.toBeInTheDocument();
});

test("an operation that ended in the background can be dismissed", async () => {
  const events = new Stream();
  const { user } = renderApp({ appliance: offering(WEB).on("GET /operations/events", () => events.response) });
  act(() => events.event(operation({ id: ID, kind: "disable", state: "succeeded" })));
  await user.click(await screen.findByRole("button", { name: "Dismiss: web is turned off" }));
  expect(screen.queryByText("web is turned off")).not.toBeInTheDocument();
});

test("a request that is refused after its window was closed is told as well", async () => {
  const later = new Later();
  const { user } = renderApp({ appliance: offering(WEB).on("POST /packages/install", () => later.response) });
  await user.click(await screen.findByRole("button", { name: "Install web" }));
  await user.click(await screen.findByRole("button", { name: "Install" }));
  await user.click(await screen.findByRole("button", { name: "Continue in the background" }));
  act(() => later.give(problem(409, "port 8090 is taken by core/other")));
  const tray = within(await screen.findByRole("region", { name: "Running tasks" }));
  expect(tray.getByText("web could not be installed")).toBeVisible();
  expect(tray.getByText("port 8090 is taken by core/other")).toBeVisible();
  await user.click(tray.getByRole("button", { name: "Dismiss: web could not be installed" }));
  expect(screen.queryByText("web could not be installed")).not.toBeInTheDocument();
});

test("a failure that the stream of events has told is not told twice", async () => {
  const events = new Stream();
  const later = new Later();
  const appliance = offering(WEB)
    .on("GET /operations/events", () => events.response)
    .on("POST /packages/install", () => later.response);
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: "Install web" }));
  await user.click(await screen.findByRole("button", { name: "Install" }));
  await user.click(await screen.findByRole("button", { name: "Continue in the background" }));
  const id = String(appliance.requests("POST /packages/install")[0]?.body["operation_id"]);
  act(() => events.event(operation({ id, state: "undone", error: "no such image" })));
  act(() => later.give(problem(422, "no such image")));
  await waitFor(() => expect(appliance.requests("GET /packages").length).toBeGreaterThan(2));
  expect(screen.getAllByText("web could not be installed")).toHaveLength(1);
});

test("a package is shown as it is now also when two operations end at the same time", async () => {
  const events = new Stream();
  const other = { ...WEB, name: "other" };
  const appliance = offering(INSTALLED).on("GET /operations/events", () => events.response);
  renderApp({ appliance });
  await screen.findByRole("button", { name: "Details of web" });
  act(() => events.event(operation({ id: "one", kind: "uninstall" })));
  act(() => events.event(operation({ id: "two", name: "other" })));
  await screen.findByText("Uninstalling…");
  const lists = [new Later(), new Later()];
  appliance.on("GET /packages", () => lists.shift()?.response ?? page([WEB, other]));
  const [first, second] = lists;
  act(() => events.event(operation({ id: "one", kind: "uninstall", state: "succeeded" })));
  act(() => events.event(operation({ id: "two", name: "other", state: "succeeded" })));
  await waitFor(() => expect(lists).toEqual([]));
  act(() => first?.give(page([INSTALLED])));
  expect(screen.getByText("Uninstalling…")).toBeVisible();
  act(() => second?.give(page([WEB, other])));
  expect(await screen.findByRole("button", { name: "Install web" })).toBeVisible();
  expect(appliance.requests("POST /packages/installed/info")).toHaveLength(1);
});
