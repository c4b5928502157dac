/** The volumes of packages as a tree: package, version, volume. */

import type { PackageIdentity } from "@/api/types";
import type { StoredVolume } from "../volume";

export interface OwnedVolume extends StoredVolume {
  owner: PackageIdentity;
}

/** What several volumes come to together. */
export interface Total {
  volumes: number;
  /** In bytes; 0 if one of them has no limit. */
  quota: number;
  /** In bytes. */
  referenced: number;
  installed: boolean;
  uninstalled: boolean;
}

export interface VersionNode {
  version: string;
  total: Total;
  volumes: readonly OwnedVolume[];
}

export interface PackageNode {
  repo: string;
  name: string;
  total: Total;
  versions: readonly VersionNode[];
}

/** Packages by name, the versions of each by number, and the volumes of each version by name. */
export function treeOf(volumes: readonly StoredVolume[]): PackageNode[] {
  const owned = volumes.filter((volume): volume is OwnedVolume => volume.owner !== null);
  return grouped(owned, ({ owner: { name, repo } }) => `${name}/${repo}`).map((ofPackage) => ({
    repo: ofPackage[0].owner.repo,
    name: ofPackage[0].owner.name,
    total: totalOf(ofPackage),
    versions: grouped(ofPackage, ({ owner: { version } }) => version).map((ofVersion) => ({
      version: ofVersion[0].owner.version,
      total: totalOf(ofVersion),
      volumes: ofVersion.toSorted((one, other) => inOrder(one.name, other.name)),
    })),
  }));
}

type Group<Entry> = [Entry, ...Entry[]];

/** Those with the same key together, in the order of the keys. */
function grouped<Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => string): Group<Entry>[] {
  const groups = new Map<string, Group<Entry>>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group) {
      group.push(entry);
    } else {
      groups.set(keyOf(entry), [entry]);
    }
  }
  return Array.from(groups.entries())
    .toSorted(([one], [other]) => inOrder(one, other))
    .map(([, group]) => group);
}

/** In alphabetical order, but 1.10 after 1.9. */
function inOrder(one: string, other: string): number {
  return one.localeCompare(other, undefined, { numeric: true });
}

function totalOf(volumes: readonly StoredVolume[]): Total {
  const all = volumes.map(({ filesystem }) => filesystem);
  return {
    volumes: all.length,
    quota: all.every(({ quota }) => quota) ? all.reduce((sum, { quota }) => sum + quota, 0) : 0,
    referenced: all.reduce((sum, { referenced }) => sum + referenced, 0),
    installed: all.some(({ state }) => state === "installed"),
    uninstalled: all.some(({ state }) => state === "uninstalled"),
  };
}
