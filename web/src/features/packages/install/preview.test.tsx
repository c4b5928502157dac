import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { InstallPreview } from "@/api/types";
import { I18nProvider } from "@/i18n/i18n";
import { PREVIEW } from "@/testing/packages";
import { Preview } from "./preview";

const GIB = 1024 ** 3;
const DISK = { total: 100 * GIB, used: 60 * GIB, available: 40 * GIB };

function preview(change: Partial<InstallPreview>) {
  render(<Preview preview={{ ...PREVIEW, ...change }} />, { wrapper: I18nProvider });
}

test("an installation creates volumes and opens ports", () => {
  preview({ disk_usage: DISK, total_quota: 2 * GIB });
  expect(screen.getByText("A volume for its data, “html”, up to 64 MB")).toBeVisible();
  expect(screen.getByText("Reachable on port 8090 of this machine")).toBeVisible();
  expect(screen.getByText("It can use up to 2 GB in total. The disk has 40 GB free.")).toBeVisible();
});

test("a quota that waits for an answer is left out", () => {
  preview({ volumes: [{ name: "html", mountpoint: "/html", quota: "@size@", migrated: false, fresh: true }] });
  expect(screen.getByText("A volume for its data, “html”")).toBeVisible();
});

test("an upgrade says of each volume whether it is new", () => {
  const volume = { mountpoint: "/x", quota: "1gb" };
  preview({
    upgrading_from: "0.9",
    volumes: [
      { ...volume, name: "html", migrated: true, fresh: false },
      { ...volume, name: "cache", migrated: false, fresh: true },
    ],
  });
  expect(screen.getByRole("heading", { name: "What will change" })).toBeVisible();
  expect(screen.getByText("The data in “html” moves to the new version")).toBeVisible();
  expect(screen.getByText("A new, empty volume, “cache”")).toBeVisible();
});

test("more than is free on the disk is warned of, with the numbers", () => {
  preview({ disk_usage: DISK, total_quota: 50 * GIB, quota_exceeds_disk: true });
  expect(screen.getByText("This package may need more space than the disk has left.")).toBeVisible();
  expect(screen.getByText("It can use up to 50 GB in total. The disk has 40 GB free.")).toBeVisible();
});

test("a virtual machine tells its size and its disk image", () => {
  preview({ runtime: "vm", image: "", vm: { image: "https://example.org/disk.qcow2", memory: "512mb" } });
  expect(screen.getByText("A virtual machine with 512 MB of memory and 1 processor core")).toBeVisible();
  expect(screen.getByText("Image: https://example.org/disk.qcow2")).toBeInTheDocument();
});

test("a package without data and ports says so", () => {
  preview({ volumes: [], external_ports: [] });
  expect(screen.getByText("It stores no data and opens no ports.")).toBeVisible();
});
