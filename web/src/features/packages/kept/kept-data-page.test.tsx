import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { Appliance, empty, page, problem } from "@/testing/appliance";
import { GUEST, renderApp } from "@/testing/render";
import { filesystem } from "@/testing/volumes";

const KEPT = [filesystem("uninstalled/core/web/0.8/html"), filesystem("uninstalled/games/chess/2.0/db", 1024 ** 3), filesystem("uninstalled/core/web/0.9/html")];
const keeping = () => new Appliance().on("POST /storage", () => page(KEPT));
const PATH = "/dashboard/kept-data";

test("kept data is listed by package", async () => {
  const { appliance } = renderApp({ appliance: keeping(), path: PATH });
  const web = (await screen.findByRole("heading", { name: "web" })).closest("li");
  expect(web).toHaveTextContent("“html” of version 0.8“html” of version 0.9");
  expect(screen.getByText("“db” of version 2.0, up to 1 GB")).toBeVisible();
  expect(appliance.requests("POST /storage")[0]?.body).toMatchObject({ state: "uninstalled" });
});

test("kept data is deleted only after an explicit confirmation", async () => {
  const appliance = keeping().on("POST /packages/purge-uninstalled-volumes", empty);
  const { user } = renderApp({ appliance, path: PATH });
  await user.click(await screen.findByRole("button", { name: "Delete the kept data of web" }));
  const dialog = await screen.findByRole("dialog", { name: "Delete the kept data of web?" });
  expect(await within(dialog).findByText("“html” of version 0.8")).toBeVisible();
  expect(dialog).not.toHaveTextContent("db");
  expect(within(dialog).getByRole("button", { name: "Delete permanently" })).toBeDisabled();
  await user.click(within(dialog).getByRole("checkbox"));
  await user.click(within(dialog).getByRole("button", { name: "Delete permanently" }));
  expect(await screen.findByRole("dialog", { name: "The kept data of web has been deleted" })).toBeVisible();
  expect(appliance.requests("POST /packages/purge-uninstalled-volumes")[0]?.body).toMatchObject({ repo: "core", name: "web" });
});

test("the list is asked for again when something was deleted", async () => {
  const appliance = keeping().on("POST /packages/purge-uninstalled-volumes", empty);
  const { user } = renderApp({ appliance, path: PATH });
  await user.click(await screen.findByRole("button", { name: "Delete the kept data of web" }));
  await user.click(await screen.findByRole("checkbox"));
  appliance.on("POST /storage", () => page([]));
  await user.click(screen.getByRole("button", { name: "Delete permanently" }));
  await waitFor(() => expect(screen.getByText("No kept data")).toBeInTheDocument());
});

test("an error is told and can be tried again", async () => {
  const appliance = new Appliance().on("POST /storage", () => problem(500, "the disk does not answer"));
  const { user } = renderApp({ appliance, path: PATH });
  expect(await screen.findByText("The kept data could not be loaded")).toBeVisible();
  appliance.on("POST /storage", () => page([]));
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No kept data")).toBeVisible();
});

test("others than administrators can only look", async () => {
  renderApp({ appliance: keeping(), path: PATH, session: GUEST });
  expect(await screen.findByRole("heading", { name: "web" })).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Delete/ })).not.toBeInTheDocument();
});

test("the list of packages leads here only if something was kept", async () => {
  const { user } = renderApp({ appliance: keeping() });
  await user.click(await screen.findByRole("link", { name: "Show kept data" }));
  expect(await screen.findByRole("heading", { name: "Kept data" })).toBeVisible();
});
