import { type Key, translate } from "@/i18n/catalogue";
import type { Translate } from "@/i18n/i18n";

type StepKey = Extract<Key, `step.${string}`>;

/** The text of a step: what this kind of operation says of it, else what all say, else its own name. */
export function stepText(t: Translate, kind: string, name: string): string {
  const key = [`step.${kind}.${name}`, `step.${name}`].find(isKey);
  return key ? t(key) : name;
}

function isKey(key: string): key is StepKey {
  return translate("", key) !== key;
}
