import type { Body } from "@/api/client";
import type { KeptVersions } from "@/api/types";
import { answersOf, type Drafts, draftsOf } from "../questions/answers";
import type { Purpose } from "../subject";
import type { InstallInfo } from "./install-info";

/** Where the data of a new installation comes from. */
export type DataChoice = "fresh" | "reuse" | "copy";

/** What is in the fields of the form. */
export interface FormValues {
  drafts: Drafts;
  /** No earlier answers are used. */
  blankAnswers: boolean;
  data: DataChoice;
  /** The version whose data is copied. */
  source: string;
}

/** The versions whose data can be copied, those that were uninstalled first. */
export function sourcesOf({ uninstalled_versions: uninstalled = [], installed_versions: installed = [] }: KeptVersions): string[] {
  return Array.from(new Set([...uninstalled, ...installed]));
}

/** The form at first: with the saved answers and the kept data, because people expect to find them again. */
export function initialValues(purpose: Purpose, { questions, savedAnswers, data }: InstallInfo): FormValues {
  const reuse = purpose === "install" && data.has_uninstalled_volumes;
  return { drafts: draftsOf(questions, savedAnswers), blankAnswers: false, data: reuse ? "reuse" : "fresh", source: sourcesOf(data)[0] ?? "" };
}

/** The body of the installation request. */
export function requestOf({ drafts, blankAnswers, data, source }: FormValues, { questions }: InstallInfo): Body<"/packages/install"> {
  return {
    responses: answersOf(questions, drafts),
    ...(blankAnswers && { skip_response_reuse: true }),
    ...(data === "reuse" && { reuse_volumes: true }),
    ...(data === "copy" && { import_from_version: source }),
  };
}
