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

test("a package is switched off and stays so until it is switched on", async () => {
  const { appliance, user } = await details();
  appliance.on("POST /packages/disable", empty);
  await user.click(await screen.findByRole("button", { name: "Switch off" }));
  const dialog = await screen.findByRole("dialog", { name: "Switch web off?" });
  await user.click(within(dialog).getByRole("button", { name: "Switch off" }));
  expect(await screen.findByRole("dialog", { name: "web is switched off" })).toBeVisible();
  expect(appliance.requests("POST /packages/disable")[0]?.body).toMatchObject({ repo: "core", name: "web" });
});

test("a package that is switched off says so, offers no page to open, and can be switched on", async () => {
  const { appliance, user } = await details({ disabled: true });
  appliance.on("POST /packages/enable", empty);
  expect(await within(screen.getByRole("dialog")).findByText("Switched off")).toBeVisible();
  expect(screen.queryByRole("link", { name: /^Open/ })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Switch on" }));
  await user.click(await screen.findByRole("button", { name: "Switch on" }));
  expect(await screen.findByRole("dialog", { name: "web is switched on" })).toBeVisible();
});

test("newest files are offered only to packages that have files from git", async () => {
  await details();
  expect(await screen.findByRole("button", { name: "Erase its data" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Fetch newest files" })).not.toBeInTheDocument();
});

test("newest files are fetched for the version that is installed", async () => {
  const { appliance, user } = await details({ has_git: true });
  appliance.on("POST /packages/rebuild-git", () => json({}));
  await user.click(await screen.findByRole("button", { name: "Fetch newest files" }));
  await user.click(await screen.findByRole("button", { name: "Fetch and restart" }));
  expect(await screen.findByRole("dialog", { name: "web has its newest files" })).toBeVisible();
  expect(appliance.requests("POST /packages/rebuild-git")[0]?.body).toMatchObject({ repo: "core", name: "web", version: "1.0" });
});

test("data is erased only after people have seen what goes, and have said that they understand", async () => {
  const { appliance, user } = await details();
  appliance.on("POST /packages/purge-volumes", empty);
  await user.click(await screen.findByRole("button", { name: "Erase its data" }));
  const dialog = await screen.findByRole("dialog", { name: "Erase the data of web and start again?" });
  const lost = (await within(dialog).findByText("This will be lost for good")).parentElement;
  expect(lost).toHaveTextContent("“html” of version 1.0");
  expect(lost).toHaveTextContent("“html” of version 0.9");
  const submit = within(dialog).getByRole("button", { name: "Erase and start again" });
  expect(submit).toBeDisabled();
  await user.click(within(dialog).getByRole("checkbox"));
  await user.click(submit);
  expect(await screen.findByRole("dialog", { name: "web starts from nothing" })).toBeVisible();
});

test("what failed tells why and can be tried again", async () => {
  const { appliance, user } = await details();
  appliance.on("POST /packages/disable", () => problem(422, "stop failed: it does not end"));
  await user.click(await screen.findByRole("button", { name: "Switch off" }));
  await user.click(await screen.findByRole("button", { name: "Switch off" }));
  const failed = await screen.findByRole("dialog", { name: "web could not be switched off" });
  expect(failed).toHaveAccessibleDescription("It stays switched on.");
  expect(within(failed).getByText("stop failed: it does not end")).toBeVisible();
  appliance.on("POST /packages/disable", empty);
  await user.click(within(failed).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("dialog", { name: "web is switched off" })).toBeVisible();
});

test("only administrators are offered to do something", async () => {
  await details({ has_git: true }, GUEST);
  expect(await screen.findByText("Its data on the disk")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Switch|Fetch|Erase|Uninstall|Change/ })).not.toBeInTheDocument();
});
