/** Volumes of packages for tests. */

import type { Filesystem } from "@/api/types";

/** The volume at `state/repo/name/version/volume`. */
export function filesystem(place: string, quota = 0): Filesystem {
  const [state, , ...name] = place.split("/");
  return { name: name.join("/"), internal_name: place, quota, state: state as "installed" | "uninstalled" };
}
