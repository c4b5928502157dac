import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import { DEFAULT_LOCALE, type Key, type Parameters, translate } from "./catalogue";

export type Translate = <K extends Key>(key: K, ...parameters: Parameters<K>) => string;

interface I18n {
  locale: string;
  setLocale: (locale: string) => void;
  t: Translate;
}

const I18nContext = createContext<I18n | null>(null);

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

/** Holds the language of the page; the document says the same for screen readers and for the direction of writing. */
export function I18nProvider({ children, initial = DEFAULT_LOCALE }: { children: ReactNode; initial?: string }) {
  const [locale, setLocale] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = locale;
    document.documentElement.dir = RIGHT_TO_LEFT.has(locale.split("-")[0] ?? "") ? "rtl" : "ltr";
  }, [locale]);
  const value = useMemo<I18n>(() => ({ locale, setLocale, t: (key, ...[parameters]) => translate(locale, key, parameters) }), [locale]);
  return <I18nContext value={value}>{children}</I18nContext>;
}

export function useI18n(): I18n {
  const value = use(I18nContext);
  if (value === null) {
    throw new Error("useI18n needs an I18nProvider around it");
  }
  return value;
}
