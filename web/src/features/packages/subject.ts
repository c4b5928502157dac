import type { PackageIdentity, Upgrade } from "@/api/types";

/** The package that a dialog is about: the version that is offered, and the one that is installed if any is. */
export interface Subject extends PackageIdentity {
  description?: string;
  installed_version?: string;
}

/** What is installed of it, or would be. */
export function installedIdentity({ repo, name, version, installed_version: installed }: Subject): PackageIdentity {
  return { repo, name, version: installed ?? version };
}

export function subjectOf({ repo, name, installed_version, latest_version: version }: Upgrade): Subject {
  return { repo, name, version, installed_version };
}

/** Why somebody looks at the questions of a package. */
export type Purpose = "install" | "change" | "upgrade";
