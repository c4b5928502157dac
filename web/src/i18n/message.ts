/** Messages of the appliance as data: a code and parameters, said in the page's words where it has better ones. */

import type { Message, Param } from "@/api/types";
import { lookUp } from "./catalogue";
import { durationText } from "./durations";
import { sizeText } from "./sizes";

const PLACE = /\{(\d+)\}/g;
/** The code of a message that is in no catalogue: its parameters are its text. */
const PLAIN = "";

/** A message with the appliance's own sentence. An older appliance sends that alone. */
export type ApiMessage = { [Name in keyof Message]?: Message[Name] | undefined } & { text: string };

/** The text for people: the page's own for this code, else the appliance's sentence. */
export function messageText({ code, params = [], text }: ApiMessage, locale: string): string {
  return (code ? ownText({ code, params }, locale) : undefined) ?? text;
}

/** The page's own text; undefined if it has none, or cannot show one of the parameters. */
function ownText({ code, params }: Message, locale: string): string | undefined {
  const shown = params.map((param) => paramText(param, locale));
  if (code === PLAIN) {
    return shown.includes(undefined) ? undefined : shown.join("");
  }
  const own = lookUp(locale, `api.${code}`);
  const places = Array.from(own?.matchAll(PLACE) ?? [], ([, place]) => Number(place));
  return places.some((place) => shown[place] === undefined) ? undefined : own?.replace(PLACE, (_, place: string) => shown[Number(place)] ?? "");
}

function paramText(param: Param, locale: string): string | undefined {
  switch (typeof param) {
    case "string":
      return param;
    case "number":
      return new Intl.NumberFormat(locale).format(param);
    case "object":
      return param === null ? undefined : typedText(param, locale);
    default:
      return undefined;
  }
}

function typedText({ bytes, seconds, term }: Exclude<Param, string | number | boolean | null>, locale: string): string | undefined {
  if (bytes !== undefined) {
    return sizeText(bytes, locale);
  }
  return seconds === undefined ? term && ownText(term, locale) : durationText(seconds, locale);
}
