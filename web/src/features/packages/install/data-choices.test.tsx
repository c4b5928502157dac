import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { KeptVersions } from "@/api/types";
import { type Appliance, empty, json } from "@/testing/appliance";
import { offering, WEB } from "@/testing/packages";
import { renderApp } from "@/testing/render";

const KEPT: KeptVersions = { has_uninstalled_volumes: true, uninstalled_versions: ["0.8", "0.9"] };

async function open(data: KeptVersions) {
  const appliance = offering(WEB)
    .on("POST /packages/uninstalled-volumes", () => json(data))
    .on("POST /packages/install", empty);
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: "Install web" }));
  await screen.findByText("What will be set up");
  return { appliance, user };
}

async function sent(appliance: Appliance) {
  await waitFor(() => expect(appliance.requests("POST /packages/install")).toHaveLength(1));
  return appliance.requests("POST /packages/install")[0]?.body;
}

test("data that was kept is used unless people want to start fresh", async () => {
  const { appliance, user } = await open(KEPT);
  expect(screen.getByRole("radio", { name: "Use the kept data" })).toBeChecked();
  expect(screen.getByText("It continues with the data that was kept from version 0.8, 0.9.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Install" }));
  expect(await sent(appliance)).toMatchObject({ reuse_volumes: true });
});

test("starting fresh touches nothing that was kept", async () => {
  const { appliance, user } = await open(KEPT);
  await user.click(screen.getByRole("radio", { name: "Start without data" }));
  await user.click(screen.getByRole("button", { name: "Install" }));
  const body = await sent(appliance);
  expect(body).not.toHaveProperty("reuse_volumes");
  expect(body).not.toHaveProperty("import_from_version");
});

test("the data of a certain version can be copied", async () => {
  const { appliance, user } = await open({ ...KEPT, installed_versions: ["1.1"] });
  await user.click(screen.getByText("Data of a specific version"));
  await user.click(screen.getByRole("radio", { name: "Copy the data of one version" }));
  const source = screen.getByRole("combobox", { name: "Copy the data of version" });
  expect(Array.from(source.querySelectorAll("option"), (option) => option.value)).toEqual(["0.8", "0.9", "1.1"]);
  await user.selectOptions(source, "0.9");
  await user.click(screen.getByRole("button", { name: "Install" }));
  const body = await sent(appliance);
  expect(body).toMatchObject({ import_from_version: "0.9" });
  expect(body).not.toHaveProperty("reuse_volumes");
});

test("no choice is offered without data", async () => {
  await open({ has_uninstalled_volumes: false });
  expect(screen.queryByRole("radio")).not.toBeInTheDocument();
});
