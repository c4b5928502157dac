import type { KeptVersions } from "@/api/types";
import { answersOf, type Drafts, draftsOf } from "../questions/answers";
import type { Purpose } from "../subject";
import type { Offer } from "./offer";

/** Where the data of a new installation comes from. */
export type DataChoice = "fresh" | "reuse" | "copy";

/** The form as it has been filled in. */
export interface Filled {
  drafts: Drafts;
  /** Nothing is taken over from earlier answers. */
  forget: boolean;
  data: DataChoice;
  /** The version whose data is copied. */
  source: string;
}

/** The versions whose data can be copied, those that were uninstalled first. */
export function sourcesOf({ uninstalled_versions: uninstalled = [], installed_versions: installed = [] }: KeptVersions): string[] {
  return Array.from(new Set([...uninstalled, ...installed]));
}

/** The form as it is at first: with what was kept, for this is what people expect to find again. */
export function unfilled(purpose: Purpose, { questions, kept, data }: Offer): Filled {
  const reuse = purpose === "install" && data.has_uninstalled_volumes;
  return { drafts: draftsOf(questions, kept), forget: false, data: reuse ? "reuse" : "fresh", source: sourcesOf(data)[0] ?? "" };
}

/** What is asked of the appliance. */
export function requestOf({ drafts, forget, data, source }: Filled, { questions }: Offer): object {
  return {
    responses: answersOf(questions, drafts),
    ...(forget && { skip_response_reuse: true }),
    ...(data === "reuse" && { reuse_volumes: true }),
    ...(data === "copy" && { import_from_version: source }),
  };
}
