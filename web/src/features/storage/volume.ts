import type { Filesystem, FullVolume, PackageIdentity, SpaceThresholds } from "@/api/types";
import { packageVolume } from "@/features/packages/volumes";
import type { Translate } from "@/i18n/i18n";

/** A volume, and what its path on the disk says about it. */
export interface StoredVolume {
  filesystem: Filesystem;
  /** Its identifier in the API. */
  path: string;
  /** Its own name. */
  name: string;
  /** The package that it belongs to, or did before it was uninstalled. */
  owner: PackageIdentity | null;
  /** The service that uses it. */
  service: string | null;
}

export function storedVolume(filesystem: Filesystem): StoredVolume {
  const { name, internal_name: place, state } = filesystem;
  const found = packageVolume(filesystem);
  if (!found) {
    return { filesystem, path: place ?? `user/${name}`, name, owner: null, service: null };
  }
  const { repo, version, volume } = found;
  const owner = { repo, name: found.name, version };
  const service = state === "installed" ? `town-os-package--${repo}-${found.name}-${version}.service` : null;
  return { filesystem, path: place ?? name, name: volume, owner, service };
}

/** The name that the page shows. */
export function volumeText(t: Translate, { name, owner }: Pick<StoredVolume, "name" | "owner">): string {
  return owner ? t("storage.of_package", { volume: name, name: owner.name, version: owner.version }) : name;
}

/** The same for a volume in the status. */
export function fullVolumeText(t: Translate, volume: FullVolume): string {
  return volumeText(t, storedVolume({ ...volume, exclusive: 0, state: volume.internal_name?.startsWith("uninstalled/") ? "uninstalled" : volume.internal_name ? "installed" : "user" }));
}

export type Level = "ok" | "low" | "full";

/** How near a volume is to its limit, by the thresholds of the appliance. */
export function levelOf({ quota, referenced }: Pick<Filesystem, "quota" | "referenced">, thresholds: SpaceThresholds | undefined): Level {
  const percent = quota ? (100 * referenced) / quota : 0;
  if (!thresholds || percent < thresholds.warn) {
    return "ok";
  }
  return percent >= thresholds.stop ? "full" : "low";
}
