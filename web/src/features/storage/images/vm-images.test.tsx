import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { empty, json, Later, problem, Stream } from "@/testing/appliance";
import { operation, step } from "@/testing/operations";
import { GUEST, renderApp } from "@/testing/render";
import { GB, MB, STORAGE_PATH, storing } from "@/testing/storage";

const path = STORAGE_PATH;
const URL_OF_IMAGE = "https://example.org/disks/debian.qcow2?x=1";

function withImages() {
  return storing().on("GET /vm-images", () => json([{ name: "debian.raw", size: 2 * GB }]));
}

async function form(appliance = withImages()) {
  const { user } = renderApp({ appliance, path });
  await user.click(await screen.findByRole("button", { name: "Add an image" }));
  return { user, appliance, dialog: within(await screen.findByRole("dialog", { name: "Add an image" })) };
}

test("images are listed with their size", async () => {
  renderApp({ appliance: withImages(), path });
  expect((await screen.findByText("debian.raw")).closest("li")).toHaveTextContent("2 GB");
});

test("an empty list of images says where they come from", async () => {
  renderApp({ appliance: storing(), path });
  expect(await screen.findByText("No images yet")).toBeVisible();
});

test("an error is told", async () => {
  renderApp({ appliance: storing().on("GET /vm-images", () => problem(500, "the disk does not answer")), path });
  expect(await screen.findByText("The images could not be loaded")).toBeVisible();
});

test("an image is fetched, with how much of it has come", async () => {
  const events = new Stream();
  const later = new Later();
  const { user, appliance, dialog } = await form(
    withImages()
      .on("GET /operations/events", () => events.response)
      .on("POST /vm-images/upload", () => later.response),
  );
  await user.type(dialog.getByLabelText("Address"), URL_OF_IMAGE);
  await user.click(dialog.getByRole("button", { name: "Add" }));
  const progress = within(await screen.findByRole("dialog", { name: "Downloading the image debian.qcow2" }));
  await waitFor(() => expect(appliance.requests("POST /vm-images/upload")).toHaveLength(1));
  const body = appliance.requests("POST /vm-images/upload")[0]?.body;
  expect(body).toMatchObject({ url: URL_OF_IMAGE, name: "" });
  const fetching = step("vm-image", { state: "running", unit: "bytes", done: 10 * MB, total: 40 * MB });
  act(() => events.event(operation({ id: String(body?.["operation_id"]), kind: "upload-vm-image", repo: "vm-images", name: "debian.raw", steps: [fetching] })));
  expect(await progress.findByText("25% · 10 MB of 40 MB")).toBeVisible();
  act(() => later.give(json({ name: "debian.raw", size: GB })));
  expect(await screen.findByRole("dialog", { name: "The image debian.qcow2 is ready" })).toBeVisible();
});

test("nothing is asked without an address", async () => {
  const { user, appliance, dialog } = await form();
  await user.click(dialog.getByRole("button", { name: "Add" }));
  expect(dialog.getByLabelText("Address")).toHaveAccessibleDescription(/Enter the address of the image\.$/);
  expect(appliance.requests("POST /vm-images/upload")).toEqual([]);
});

test("an error in the address or the name is told at its field", async () => {
  const { user, dialog } = await form(withImages().on("POST /vm-images/upload", () => problem(422, "invalid", { url: "only http and https addresses are allowed" })));
  await user.type(dialog.getByLabelText("Address"), "ftp://x");
  await user.click(dialog.getByRole("button", { name: "Add" }));
  await waitFor(() => expect(screen.getByLabelText("Address")).toHaveAccessibleDescription(/only http and https addresses are allowed$/));
  expect(screen.getByLabelText("Address")).toHaveValue("ftp://x");
});

test("any other failure says why, and leads back to the form", async () => {
  const { user, dialog } = await form(withImages().on("POST /vm-images/upload", () => problem(507, "no space left on the disk")));
  await user.type(dialog.getByLabelText("Address"), URL_OF_IMAGE);
  await user.click(dialog.getByRole("button", { name: "Add" }));
  const failed = within(await screen.findByRole("dialog", { name: "The image debian.qcow2 could not be downloaded" }));
  expect(failed.getByText("no space left on the disk")).toBeVisible();
  await user.click(failed.getByRole("button", { name: "Back to the form" }));
  expect(await screen.findByLabelText("Address")).toHaveValue(URL_OF_IMAGE);
});

test("an image that is in use is not deleted, and it says by which package", async () => {
  const appliance = withImages().on("POST /vm-images/delete", () => problem(409, "the disk image debian.raw is used by core/home@1.0"));
  const { user } = renderApp({ appliance, path });
  await user.click(await screen.findByRole("button", { name: "Delete debian.raw" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete debian.raw?" }));
  await user.click(dialog.getByRole("button", { name: "Delete" }));
  expect(await dialog.findByText("the disk image debian.raw is used by core/home@1.0")).toBeVisible();
  appliance.on("POST /vm-images/delete", empty).on("GET /vm-images", () => json([]));
  await user.click(dialog.getByRole("button", { name: "Delete" }));
  expect(await screen.findByText("No images yet")).toBeVisible();
});

test("others than administrators can only look", async () => {
  renderApp({ appliance: withImages(), path, session: GUEST });
  expect(await screen.findByText("debian.raw")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Delete debian|Add an image/ })).not.toBeInTheDocument();
});
