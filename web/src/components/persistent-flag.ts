import { useState } from "react";

/** A choice that this browser remembers under `key`. */
export function usePersistentFlag(key: string, initial: boolean): [boolean, (value: boolean) => void] {
  const [flag, setFlag] = useState(() => read(key, initial));
  const change = (value: boolean) => {
    setFlag(value);
    window.localStorage.setItem(key, String(value));
  };
  return [flag, change];
}

function read(key: string, initial: boolean): boolean {
  const kept = window.localStorage.getItem(key);
  return kept === null ? initial : kept === "true";
}
