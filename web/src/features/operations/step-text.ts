import { type Key, translate } from "@/i18n/catalogue";
import type { Translate } from "@/i18n/i18n";

type StepKey = Extract<Key, `step.${string}`>;

/** The text of a step: that for this kind of operation, else that for all kinds, else its name. */
export function stepText(t: Translate, kind: string, name: string): string {
  const key = [`step.${kind}.${name}`, `step.${name}`].find(isKey);
  return key ? t(key) : name;
}

function isKey(key: string): key is StepKey {
  return translate("", key) !== key;
}
