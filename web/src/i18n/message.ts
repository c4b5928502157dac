/** Messages of the appliance as data: a code and parameters, said in the page's words where it has better ones. */

import { sizeText } from "./sizes";
import { lookUp } from "./catalogue";

/** A parameter of a message, as the interface sends it. */
export type Param = string | number | boolean | null | Record<string, unknown>;

/** A message of the appliance with its own sentence. An older appliance sends no code. */
export interface ApiMessage {
  code?: string | undefined;
  params?: readonly Param[] | undefined;
  text: string;
}

/** The text for people: the page's own for this code, else the appliance's sentence. */
export function messageText({ code, params = [], text }: ApiMessage, locale: string): string {
  const own = code === undefined ? undefined : lookUp(locale, `api.${code}`);
  return own === undefined ? text : own.replace(/\{(\d+)\}/g, (whole, place: string) => paramText(params[Number(place)], locale) ?? whole);
}

function paramText(param: Param | undefined, locale: string): string | undefined {
  if (typeof param === "object" && param !== null) {
    return typeof param["bytes"] === "number" ? sizeText(param["bytes"], locale) : undefined;
  }
  return typeof param === "number" ? new Intl.NumberFormat(locale).format(param) : param === undefined || param === null ? undefined : String(param);
}
