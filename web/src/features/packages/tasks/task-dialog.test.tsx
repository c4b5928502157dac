import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { InstalledInfo } from "@/api/types";
import { empty, json, page, problem } from "@/testing/appliance";
import { INSTALLED, offering } from "@/testing/packages";
import { ADMIN, GUEST, renderApp } from "@/testing/render";
import { filesystem } from "@/testing/volumes";

const INFO: InstalledInfo = { questions: {}, responses: {}, notes: {} };

async function details(info: Partial<InstalledInfo> = {}, session = ADMIN) {
  const appliance = offering(INSTALLED)
    .on("POST /packages/installed/info", () => json({ ...INFO, ...info }))
    .on("POST /storage", () => page([filesystem("installed/core/web/1.0/html"), filesystem("uninstalled/core/web/0.9/html")]));
  const { user } = renderApp({ appliance, session });
  await user.click(await screen.findByRole("button", { name: "Details of web" }));
  await screen.findByRole("dialog", { name: "web" });
  return { appliance, user };
}

test("a package that is turned off stays off until it is turned on", async () => {
  const { appliance, user } = await details();
  appliance.on("POST /packages/disable", empty);
  await user.click(await screen.findByRole("button", { name: "Turn off" }));
  const dialog = await screen.findByRole("dialog", { name: "Turn web off?" });
  await user.click(within(dialog).getByRole("button", { name: "Turn off" }));
  expect(await screen.findByRole("dialog", { name: "web is turned off" })).toBeVisible();
  expect(appliance.requests("POST /packages/disable")[0]?.body).toMatchObject({ repo: "core", name: "web" });
});

test("a package that is off says so and can be turned on", async () => {
  const { appliance, user } = await details({ disabled: true });
  appliance.on("POST /packages/enable", empty);
  expect(await within(screen.getByRole("dialog")).findByText("Turned off")).toBeVisible();
  expect(screen.queryByRole("link", { name: /^Open/ })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Turn on" }));
  await user.click(await screen.findByRole("button", { name: "Turn on" }));
  expect(await screen.findByRole("dialog", { name: "web is turned on" })).toBeVisible();
});

test("latest files are offered only to packages that have files from git", async () => {
  await details();
  expect(await screen.findByRole("button", { name: "Reset" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Get latest files" })).not.toBeInTheDocument();
});

test("latest files are fetched for the version that is installed", async () => {
  const { appliance, user } = await details({ has_git: true });
  appliance.on("POST /packages/rebuild-git", () => json({}));
  await user.click(await screen.findByRole("button", { name: "Get latest files" }));
  await user.click(await screen.findByRole("button", { name: "Get files and restart" }));
  expect(await screen.findByRole("dialog", { name: "web has the latest files" })).toBeVisible();
  expect(appliance.requests("POST /packages/rebuild-git")[0]?.body).toMatchObject({ repo: "core", name: "web", version: "1.0" });
});

test("data is deleted only after an explicit confirmation", async () => {
  const { appliance, user } = await details();
  appliance.on("POST /packages/purge-volumes", empty);
  await user.click(await screen.findByRole("button", { name: "Reset" }));
  const dialog = await screen.findByRole("dialog", { name: "Reset web?" });
  const lost = (await within(dialog).findByText("This will be deleted permanently")).parentElement;
  expect(lost).toHaveTextContent("“html” of version 1.0");
  expect(lost).toHaveTextContent("“html” of version 0.9");
  const submit = within(dialog).getByRole("button", { name: "Delete data and restart" });
  expect(submit).toBeDisabled();
  await user.click(within(dialog).getByRole("checkbox"));
  await user.click(submit);
  expect(await screen.findByRole("dialog", { name: "web has been reset" })).toBeVisible();
});

test("a failed request tells why and can be tried again", async () => {
  const { appliance, user } = await details();
  appliance.on("POST /packages/disable", () => problem(422, "stop failed: it does not end"));
  await user.click(await screen.findByRole("button", { name: "Turn off" }));
  await user.click(await screen.findByRole("button", { name: "Turn off" }));
  const failed = await screen.findByRole("dialog", { name: "web could not be turned off" });
  expect(failed).toHaveAccessibleDescription("It is still turned on.");
  expect(within(failed).getByText("stop failed: it does not end")).toBeVisible();
  appliance.on("POST /packages/disable", empty);
  await user.click(within(failed).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("dialog", { name: "web is turned off" })).toBeVisible();
});

test("only administrators are offered to do something", async () => {
  await details({ has_git: true }, GUEST);
  expect(await screen.findByText("Its volumes on the disk")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Turn|Get|Reset|Uninstall|Change/ })).not.toBeInTheDocument();
});
