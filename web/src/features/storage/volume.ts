import type { Filesystem, FullVolume, PackageIdentity } from "@/api/types";
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
  return volumeText(t, storedVolume({ ...volume, exclusive: 0 }));
}

export type Level = "ok" | "low" | "full";

const LOW = 0.85;
const FULL = 0.95;

/** How near a volume is to its limit, in the steps that the appliance warns at unless it is told other ones. */
export function levelOf({ quota, referenced }: Pick<Filesystem, "quota" | "referenced">): Level {
  const share = quota ? referenced / quota : 0;
  return share >= FULL ? "full" : share >= LOW ? "low" : "ok";
}
