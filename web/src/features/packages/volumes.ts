import { useQuery } from "@tanstack/react-query";
import type { Body } from "@/api/client";
import type { Filesystem, PackageIdentity, VolumeState } from "@/api/types";
import { useApi } from "@/session/session";

/** More than any package has, and still a quick response. */
const VOLUMES_MAX = 1_000;

/** A volume of a package; `quota` in bytes, 0 for none. */
export interface PackageVolume extends PackageIdentity {
  state: Exclude<VolumeState, "user">;
  volume: string;
  quota: number;
}

const PLACE = /^(installed|uninstalled)\/([^/]+)\/([^/]+)\/([^/]+)\/(.+)$/;

/** The volume of a package at its place on the disk, which tells everything about it; null for other volumes. */
export function packageVolume({ internal_name: place = "", quota }: Filesystem): PackageVolume | null {
  const [, state, repo, name, version, volume] = PLACE.exec(place) ?? [];
  return repo && name && version && volume ? { state: state as PackageVolume["state"], repo, name, version, volume, quota } : null;
}

/** All volumes of a package, those of uninstalled versions included. */
export function useVolumesOf({ repo, name }: Pick<PackageIdentity, "repo" | "name">) {
  return useVolumes({ search: `${repo}/${name}/` }, (volume) => volume.repo === repo && volume.name === name);
}

/** All data that uninstalled packages have left. */
export function useKeptVolumes() {
  return useVolumes({ state: "uninstalled" }, () => true);
}

function useVolumes(query: Body<"/storage">, wanted: (volume: PackageVolume) => boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["volumes", query],
    queryFn: ({ signal }) => api.post("/storage", { ...query, limit: VOLUMES_MAX }, signal),
    select: ({ entries }) => entries.flatMap((entry) => packageVolume(entry) ?? []).filter(wanted),
  });
}
