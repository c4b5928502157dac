/** Volumes of packages for tests. */

import type { Filesystem } from "@/api/types";

/** The volume at `state/repo/name/version/volume`. */
export function filesystem(place: string, quota = 0, referenced = 0): Filesystem {
  const [state, , ...name] = place.split("/");
  return { name: name.join("/"), internal_name: place, quota, referenced, exclusive: referenced, state: state as "installed" | "uninstalled" };
}

/** A volume that somebody has made for themselves. */
export function userVolume(name: string, quota = 0, referenced = 0): Filesystem {
  return { name, quota, referenced, exclusive: referenced, state: "user" };
}
