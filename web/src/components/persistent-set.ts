import { useMemo, useSyncExternalStore } from "react";

const CHANGED = "storage";

function subscribe(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  return () => window.removeEventListener(CHANGED, changed);
}

/** Texts that this browser remembers under `key`, the same in every place of the page, and a way to add one. */
export function usePersistentSet(key: string): [ReadonlySet<string>, (value: string) => void] {
  const stored = useSyncExternalStore(subscribe, () => window.localStorage.getItem(key));
  const values = useMemo(() => new Set(parsed(stored)), [stored]);
  const add = (value: string) => {
    window.localStorage.setItem(key, JSON.stringify([...values, value]));
    window.dispatchEvent(new Event(CHANGED)); // which the browser itself sends to the other windows only
  };
  return [values, add];
}

function parsed(stored: string | null): string[] {
  try {
    const value: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}
