/** An appliance with volumes for tests. */

import type { Filesystem, Snapshot, VolumeState } from "@/api/types";
import { Appliance, json, page } from "./appliance";
import { filesystem, userVolume } from "./volumes";

export const MB = 1024 ** 2;
export const GB = 1024 ** 3;
export const STORAGE_PATH = "/dashboard/storage";

export const PHOTOS = userVolume("photos", 10 * GB, 9 * GB);
export const SCRATCH = userVolume("scratch", 0, 12 * MB);
export const HTML = filesystem("installed/core/web/1.0/html", 64 * MB, 10 * MB);
export const OLD_HTML = filesystem("uninstalled/core/web/0.9/html", 64 * MB, 20 * MB);

export const SNAPSHOT: Snapshot = { id: "s1", created_at: "2026-05-01T10:00:00Z", reason: "upload", referenced: 9 * GB, exclusive: 5 * MB };

interface Stored {
  user?: Filesystem[];
  packages?: Filesystem[];
}

/** It answers lists by the state that is asked for, and knows the settings that matter for storage. */
export function storing({ user = [PHOTOS, SCRATCH], packages = [HTML, OLD_HTML] }: Stored = {}): Appliance {
  const settings: Record<string, string> = { max_archive_size: String(GB) };
  const all = [...user, ...packages];
  return new Appliance()
    .on("POST /storage", ({ body }) => page(all.filter(({ state }) => state === (body["state"] as VolumeState))))
    .on("GET /vm-images", () => json([]))
    .on("POST /settings/get", ({ body }) => json({ key: body["key"], value: settings[String(body["key"])] }))
    .on("POST /storage/snapshots", () => json([SNAPSHOT]));
}
