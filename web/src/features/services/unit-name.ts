import type { Unit } from "@/api/types";

/** What people call a service: the name and version of its package, `repo/name@version`. */
export function unitName(unit: Unit): { name: string; version: string } {
  const [, name, version] = /^[^/]*\/(.+)@(.+)$/.exec(unit.package_identifier ?? "") ?? [];
  return { name: name ?? unit.Name, version: version ?? "" };
}
