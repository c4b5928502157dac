// @conformance STO-14
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { empty, problem, Stream } from "@/testing/appliance";
import { operation, step } from "@/testing/operations";
import { renderApp } from "@/testing/render";
import { catchSendings, type Sending } from "@/testing/sending";
import { GB, STORAGE_PATH, storing } from "@/testing/storage";

const ARCHIVE = new File(["x".repeat(100)], "backup.tar.gz");

async function dialog(of = "html of web 1.0") {
  const events = new Stream();
  const appliance = storing().on("GET /operations/events", () => events.response);
  const sendings = catchSendings();
  const { user } = renderApp({ appliance, path: STORAGE_PATH });
  await user.click(await screen.findByRole("button", { name: /^web/ }));
  await user.click(await screen.findByRole("button", { name: `Upload to ${of}` }));
  return { user, appliance, events, sendings, form: within(await screen.findByRole("dialog", { name: `Upload to ${of}` })) };
}

/** An upload whose file is on its way. */
async function sent() {
  const opened = await dialog();
  const { user, form, sendings } = opened;
  await user.upload(form.getByLabelText("Archive"), ARCHIVE);
  await user.click(form.getByRole("button", { name: "Upload" }));
  await screen.findByRole("dialog", { name: "Uploading to html of web 1.0" });
  const sending = await waitFor(() => sendings[0] as Sending);
  await waitFor(() => expect(sending.form).not.toBeNull());
  return { ...opened, sending, id: String(sending.form?.get("operation_id")) };
}

test("the form takes the archives that there are", async () => {
  const { form } = await dialog();
  expect(form.getByLabelText("Archive")).toHaveAttribute("accept", ".tar,.tar.gz,.tgz,.tar.bz2,.tbz2,.tar.xz,.txz");
  expect(await form.findByText(/At most 1 GB\.$/)).toBeVisible();
});

test("an upload names its target and service first and the file last", async () => {
  const { user, form, sendings } = await dialog();
  await user.upload(form.getByLabelText("Archive"), ARCHIVE);
  await user.type(form.getByLabelText("Directory inside the volume (optional)"), "/in/here/");
  await user.click(form.getByRole("checkbox", { name: "Stop web during the upload" }));
  await user.click(form.getByRole("button", { name: "Upload" }));
  await waitFor(() => expect(sendings[0]?.form).not.toBeNull());
  const fields = Array.from(sendings[0]?.form?.entries() ?? []);
  expect(fields.map(([name, value]) => [name, value instanceof File ? value.name : value])).toEqual([
    ["subvolume", "installed/core/web/1.0/html"],
    ["subpath", "in/here"],
    ["stop_service", "town-os-package--core-web-1.0.service"],
    ["operation_id", expect.stringMatching(/^[0-9a-f-]{36}$/)],
    ["archive", "backup.tar.gz"],
  ]);
});

test("a volume of one's own has no service that could stop", async () => {
  const { form } = await dialog("photos");
  expect(form.queryByRole("checkbox")).not.toBeInTheDocument();
});

test.each([
  [new File([], "backup.zip"), /This type of file cannot be unpacked/],
  [Object.defineProperty(new File([], "huge.tar"), "size", { value: 2 * GB }), /This file is 2 GB\. The maximum is 1 GB\.$/],
])("a file that cannot be right is not sent: %o", async (file, text) => {
  const { user, form, sendings } = await dialog();
  await form.findByText(/At most 1 GB\.$/);
  fireEvent.change(form.getByLabelText("Archive"), { target: { files: [file] } });
  expect(form.getByLabelText("Archive")).toHaveAccessibleDescription(text);
  await user.click(form.getByRole("button", { name: "Upload" }));
  expect(sendings).toEqual([]);
});

test("nothing is sent without a file", async () => {
  const { user, form, sendings } = await dialog();
  await user.click(form.getByRole("button", { name: "Upload" }));
  expect(form.getByLabelText("Archive")).toHaveAccessibleDescription(/Choose a file\.$/);
  expect(sendings).toEqual([]);
});

test("an upload shows bytes and percent, and then the steps that merge it", async () => {
  const { sending, events, id } = await sent();
  act(() => sending.sent(30 * 1024 ** 2, 120 * 1024 ** 2));
  const moving = within(screen.getByRole("dialog"));
  expect(moving.getByText("25% · 30 MB of 120 MB")).toBeVisible();
  expect(moving.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "25");
  act(() => sending.sent(120 * 1024 ** 2, 120 * 1024 ** 2));
  const placing = await screen.findByRole("dialog", { name: "Copying the files into html of web 1.0" });
  expect(within(placing).getByText("Checking the archive…")).toBeVisible();
  act(() => events.event(operation({ id, kind: "upload-archive", steps: [step("stop", { state: "running" })] })));
  expect(await within(placing).findByRole("listitem", { current: "step" })).toHaveTextContent("Stopping the application");
  act(() => sending.answer(200));
  expect(await screen.findByRole("dialog", { name: "The files are in html of web 1.0" })).toBeVisible();
});

test("an error is told at its field, and the form can be sent again", async () => {
  const { user, sending, sendings } = await sent();
  act(() => sending.answer(422, { detail: "invalid", validation_errors: [{ name: "archive", error: "the archive holds a device" }] }));
  const form = within(await screen.findByRole("dialog", { name: "Upload to html of web 1.0" }));
  expect(form.getByLabelText("Archive")).toHaveAccessibleDescription(/the archive holds a device$/);
  expect(form.getByText("backup.tar.gz")).toBeVisible();
  await user.upload(form.getByLabelText("Archive"), ARCHIVE);
  expect(form.getByLabelText("Archive")).not.toHaveAccessibleDescription(/the archive holds a device$/);
  await user.click(form.getByRole("button", { name: "Upload" }));
  await waitFor(() => expect(sendings).toHaveLength(2));
});

test.each([
  [409, "another upload to this volume is still going on", "another upload to this volume is still going on"],
  [507, "the archive needs 3 kB, but the volume has only 2 kB left", "the archive needs 3 kB, but the volume has only 2 kB left"],
])("a refusal with status %d is told in words", async (status, detail, told) => {
  const { user, sending } = await sent();
  act(() => sending.answer(status, { detail }));
  const failed = await screen.findByRole("dialog", { name: "Nothing was uploaded to html of web 1.0" });
  expect(failed).toHaveAccessibleDescription("Nothing has changed in the volume.");
  expect(within(failed).getByText(told)).toBeVisible();
  await user.click(within(failed).getByRole("button", { name: "Back to the form" }));
  expect(await screen.findByRole("dialog", { name: "Upload to html of web 1.0" })).toBeVisible();
});

test("an error told at a field is not told again in the background", async () => {
  const { user, sending } = await sent();
  act(() => sending.answer(422, { detail: "invalid", validation_errors: [{ name: "subpath", error: "leads out" }] }));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "Running tasks" })).not.toBeInTheDocument());
});

test("a connection that breaks off is told as that", async () => {
  const { sending } = await sent();
  act(() => sending.break());
  const failed = await screen.findByRole("dialog", { name: "Nothing was uploaded to html of web 1.0" });
  expect(within(failed).getByText("The connection to Town OS was lost. Try again in a moment.")).toBeVisible();
});

test("cancelling an unfinished upload hangs up", async () => {
  const { user, sending } = await sent();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(sending.aborted).toBe(true);
  expect(await screen.findByRole("dialog", { name: "The upload was cancelled" })).toBeVisible();
});

test("an upload that is cancelled while it is merged is rolled back", async () => {
  const { user, appliance, sending, events, id } = await sent();
  appliance.on("POST /operations/cancel", empty);
  act(() => sending.sent(100, 100));
  act(() => events.event(operation({ id, kind: "upload-archive" })));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByRole("dialog", { name: "The upload was cancelled" })).toBeVisible();
  expect(appliance.requests("POST /operations/cancel")[0]?.body).toEqual({ id });
  expect(sending.aborted).toBe(false);
});

test("an operation that cannot be cancelled any more says why and goes on", async () => {
  const { user, appliance, sending, events, id } = await sent();
  appliance.on("POST /operations/cancel", () => problem(409, "it can no longer be cancelled"));
  act(() => sending.sent(100, 100));
  act(() => events.event(operation({ id, kind: "upload-archive" })));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByText("it can no longer be cancelled")).toBeVisible();
});

test("an upload goes on in the background, where it is told once and can be cancelled", async () => {
  const { user, appliance, sending, events, id } = await sent();
  appliance.on("POST /operations/cancel", empty);
  await user.click(screen.getByRole("button", { name: "Continue in the background" }));
  act(() => sending.sent(25, 100));
  await user.click(screen.getAllByRole("link", { name: "Packages" })[0] as HTMLElement);
  const tray = within(await screen.findByRole("region", { name: "Running tasks" }));
  expect(tray.getByText("Uploading to html of web 1.0")).toBeVisible();
  expect(tray.getByText("25% · 25 bytes of 100 bytes")).toBeVisible();
  act(() => events.event(operation({ id, kind: "upload-archive" })));
  expect(tray.queryByText("Copying files into web")).not.toBeInTheDocument();
  await user.click(tray.getByRole("button", { name: "Cancel: Uploading to html of web 1.0" }));
  expect(await tray.findByText("The upload was cancelled")).toBeVisible();
  await user.click(tray.getByRole("button", { name: "Dismiss: The upload was cancelled" }));
  expect(screen.queryByRole("region", { name: "Running tasks" })).not.toBeInTheDocument();
});

test("the browser warns before the page is left during an upload", async () => {
  const { sending } = await sent();
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(true);
  act(() => sending.answer(200));
  await screen.findByRole("dialog", { name: "The files are in html of web 1.0" });
  expect(leave()).toBe(false);
});
