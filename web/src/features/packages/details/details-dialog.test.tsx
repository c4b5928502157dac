// @conformance RSP-09 UI-05
import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { InstalledInfo } from "@/api/types";
import { json, page, problem } from "@/testing/appliance";
import { INSTALLED, offering, QUESTIONS } from "@/testing/packages";
import { renderApp } from "@/testing/render";
import { filesystem } from "@/testing/volumes";

const INFO: InstalledInfo = {
  questions: QUESTIONS,
  responses: { title: "Ada & co", password: "hunter2hunter2" },
  notes: { Page: "http://town.local:8090/start", Help: "help@web.example", Hotline: "+49 30 1234", "First steps": "sign in\nas admin", Trap: "javascript:alert(1)" },
  note_types: { Page: "url", Help: "email", Hotline: "phone", Trap: "url" },
};

async function open() {
  const appliance = offering(INSTALLED)
    .on("POST /packages/installed/info", () => json(INFO))
    .on("POST /storage", () => page([filesystem("installed/core/web/1.0/html", 64 * 1024 ** 2)]));
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: "Details of web" }));
  const dialog = within(await screen.findByRole("dialog", { name: "web" }));
  await dialog.findByText("Notes");
  return dialog;
}

test("a note that is a web address opens in a new tab that knows nothing of this one", async () => {
  const link = (await open()).getByRole("link", { name: /^http:\/\/town\.local:8090\/start/ });
  expect(link).toHaveAttribute("href", "http://town.local:8090/start");
  expect(link).toHaveAttribute("target", "_blank");
  expect(link).toHaveAttribute("rel", "noreferrer");
});

test("a note that is a mail address or a phone number can be followed", async () => {
  const dialog = await open();
  expect(dialog.getByRole("link", { name: "help@web.example" })).toHaveAttribute("href", "mailto:help@web.example");
  expect(dialog.getByRole("link", { name: "+49 30 1234" })).toHaveAttribute("href", "tel:+49 30 1234");
});

test("any other note is plain code below its label", async () => {
  const dialog = await open();
  const note = dialog.getByText(/sign in\s+as admin/);
  expect(note.tagName).toBe("CODE");
  expect(note.closest("dd")?.previousElementSibling).toHaveTextContent("First steps");
});

test("a web address that would run something is no link", async () => {
  expect((await open()).getByText("javascript:alert(1)").tagName).toBe("CODE");
});

test("answers are shown, passwords masked", async () => {
  const dialog = await open();
  expect(dialog.getByText("Ada & co")).toBeVisible();
  expect(dialog.getByText("********")).toBeVisible();
  expect(dialog.queryByText(/hunter2/)).not.toBeInTheDocument();
});

test("the data of the package is shown with its size limit", async () => {
  expect(await (await open()).findByText("“html” of version 1.0, up to 64 MB")).toBeVisible();
});

test("details that cannot be loaded say why", async () => {
  const { user } = renderApp({ appliance: offering(INSTALLED).on("POST /packages/installed/info", () => problem(404, "package not installed")) });
  await user.click(await screen.findByRole("button", { name: "Details of web" }));
  expect(await screen.findByText("package not installed")).toBeVisible();
});
