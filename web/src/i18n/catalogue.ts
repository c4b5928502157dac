/**
 * The texts of the page by language.
 *
 * American English is always there and whole; its keys and the `{name}`s in its texts are checked by type.
 */

import { account } from "./en-us/account";
import { errors } from "./en-us/errors";
import { general } from "./en-us/general";
import { operations } from "./en-us/operations";
import { packages } from "./en-us/packages";
import { services } from "./en-us/services";
import { storage } from "./en-us/storage";

export const DEFAULT_LOCALE = "en-US";

const EN_US = { ...general, ...account, ...operations, ...packages, ...services, ...storage, ...errors } as const;

export type Catalogue = typeof EN_US;
export type Key = keyof Catalogue;

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
export type Parameters<K extends Key> = [Placeholders<Catalogue[K]>] extends [never]
  ? []
  : [Record<Placeholders<Catalogue[K]>, string | number>];

type Texts = Readonly<Partial<Record<string, string>>>;

const CATALOGUES: Readonly<Partial<Record<string, Texts>>> = { [DEFAULT_LOCALE]: EN_US };

/** The text of a key in the language, else in American English; undefined for a key that there is not. */
export function lookUp(locale: string, key: string, catalogues = CATALOGUES): string | undefined {
  return catalogues[locale]?.[key] ?? catalogues[DEFAULT_LOCALE]?.[key];
}

/** The text of a key: in the language, else in American English, else the key itself. */
export function translate(locale: string, key: string, parameters: Record<string, string | number> = {}, catalogues = CATALOGUES): string {
  const text = lookUp(locale, key, catalogues) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}
