import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { empty, page, problem } from "@/testing/appliance";
import { INSTALLED, offering } from "@/testing/packages";
import { renderApp } from "@/testing/render";
import { filesystem } from "@/testing/volumes";

const VOLUMES = [
  filesystem("installed/core/web/1.0/html", 64 * 1024 ** 2),
  filesystem("uninstalled/core/web/0.9/html"),
  filesystem("installed/core/web/1.0.1/html"),
  filesystem("installed/core/web-other/1.0/secret"),
];

async function open(volumes = VOLUMES) {
  const appliance = offering(INSTALLED)
    .on("POST /storage", () => page(volumes))
    .on("POST /packages/uninstall", empty);
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: "Uninstall web" }));
  return { appliance, user, dialog: await screen.findByRole("dialog", { name: "Uninstall web?" }) };
}

test("data is kept unless people want it deleted, and exactly this data is told", async () => {
  const { appliance, user, dialog } = await open();
  expect(within(dialog).getByRole("radio", { name: "Keep its data" })).toBeChecked();
  expect((await within(dialog).findByText("This stays on the disk")).parentElement).toHaveTextContent(/“html” of version 1\.0, up to 64 MB$/);
  expect(within(dialog).getByText("Kept data from earlier, which is not changed").parentElement).toHaveTextContent("“html” of version 0.9");
  expect(dialog).not.toHaveTextContent("secret");
  await user.click(within(dialog).getByRole("button", { name: "Uninstall and keep data" }));
  expect(await screen.findByRole("dialog", { name: "web has been uninstalled" })).toHaveAccessibleDescription("Its data is still on the disk.");
  expect(appliance.requests("POST /packages/uninstall")[0]?.body).toMatchObject({ repo: "core", name: "web", version: "1.0", purge_volumes: false });
});

test("data is deleted only after people have said that they understand", async () => {
  const { appliance, user, dialog } = await open();
  await user.click(within(dialog).getByRole("radio", { name: "Delete its data" }));
  expect((await within(dialog).findByText("This will be deleted permanently")).parentElement).toHaveTextContent("“html” of version 1.0, up to 64 MB");
  const submit = within(dialog).getByRole("button", { name: "Uninstall and delete data" });
  expect(submit).toBeDisabled();
  await user.click(within(dialog).getByRole("checkbox", { name: "I understand that this cannot be undone" }));
  await user.click(submit);
  expect(await screen.findByRole("dialog", { name: "web has been uninstalled" })).toHaveAccessibleDescription("Its data has been deleted.");
  expect(appliance.requests("POST /packages/uninstall")[0]?.body).toMatchObject({ purge_volumes: true });
});

test("a package without data has nothing to lose", async () => {
  const { dialog } = await open([]);
  expect(await within(dialog).findByText("It has no data on the disk, so nothing will be deleted.")).toBeVisible();
});

test("data that cannot be looked up is told", async () => {
  const appliance = offering(INSTALLED).on("POST /storage", () => problem(500, "the disk does not answer"));
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: "Uninstall web" }));
  expect(await screen.findByText("Its volumes could not be loaded")).toBeVisible();
  expect(screen.getByText("the disk does not answer")).toBeVisible();
});

test("an uninstallation that failed can be tried again", async () => {
  const { appliance, user, dialog } = await open();
  appliance.on("POST /packages/uninstall", () => problem(422, "stop failed: it does not end"));
  await user.click(within(dialog).getByRole("button", { name: "Uninstall and keep data" }));
  const failed = await screen.findByRole("dialog", { name: "web could not be uninstalled" });
  expect(within(failed).getByText("stop failed: it does not end")).toBeVisible();
  appliance.on("POST /packages/uninstall", empty);
  await user.click(within(failed).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("dialog", { name: "web has been uninstalled" })).toBeVisible();
});
