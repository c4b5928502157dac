import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Join class names; of two that set the same property, the later wins. */
export function classes(...names: ClassValue[]): string {
  return twMerge(clsx(names));
}
