import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Ping } from "@/api/types";
import { json, PING } from "@/testing/appliance";
import { renderApp } from "@/testing/render";
import { GB, MB, STORAGE_PATH, storing } from "@/testing/storage";

const DISK = { total: 500 * GB, used: 400 * GB, available: 100 * GB };
const FULL = [
  { name: "photos", quota: 10 * GB, referenced: 9 * GB },
  { name: "web/1.0/html", internal_name: "installed/core/web/1.0/html", quota: 64 * MB, referenced: 64 * MB },
];

function telling(ping: Partial<Ping>) {
  return storing().on("GET /status/ping", () => json({ ...PING, ...ping }));
}

async function summary(ping: Partial<Ping>) {
  renderApp({ appliance: telling({ disk_usage: DISK, ...ping }), path: STORAGE_PATH });
  return within(await screen.findByRole("region", { name: "Disk space" }));
}

test("the disk tells its used and free space", async () => {
  const disk = await summary({ space: "ok" });
  expect(disk.getByText("100 GB free")).toBeVisible();
  expect(disk.getByText("There is enough space.")).toBeVisible();
  expect(disk.getByRole("meter", { name: "Disk space" })).toHaveAttribute("aria-valuetext", "400 GB of 500 GB used");
});

test.each([
  ["low", "Almost full", "There is not much space left."],
  ["full", "Full", "You cannot install or upload anything until you free up space."],
] as const)("that it is %s is told without colours, and what can be done", async (space, badge, text) => {
  const disk = await summary({ space });
  expect(disk.getByText(badge)).toBeVisible();
  expect(disk.getByText(text, { exact: false })).toBeVisible();
});

test("volumes that are nearly full are named with their numbers", async () => {
  const disk = await summary({ full_volumes: FULL });
  expect(disk.getByText("photos uses 9 GB of its limit of 10 GB")).toBeVisible();
  expect(disk.getByText("html of web 1.0 is full: it uses 64 MB of its limit of 64 MB")).toBeVisible();
});

test.each<[Partial<Ping>, string]>([
  [{ space: "full" }, "The disk is full."],
  [{ full_volumes: FULL.slice(0, 1) }, "“photos” has almost reached its size limit."],
  [{ full_volumes: FULL.slice(1) }, "“html of web 1.0” is full."],
  [{ full_volumes: FULL }, "2 volumes have reached their size limit, or will soon."],
])("every other page leads here when something is short of room: %j", async (ping, text) => {
  const { user } = renderApp({ appliance: telling({ disk_usage: DISK, ...ping }) });
  expect(await screen.findByText(text, { exact: false })).toBeVisible();
  await user.click(screen.getByRole("link", { name: "Show what uses space" }));
  expect(await screen.findByRole("heading", { name: "Storage" })).toBeVisible();
  expect(screen.queryByRole("link", { name: "Show what uses space" })).not.toBeInTheDocument();
});
