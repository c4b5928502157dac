import { type RefObject, useEffect } from "react";

type Running = RefObject<ReadonlyMap<string, AbortController>>;

/** Transfers end with the page, so the browser asks before it is left, and none goes on after it. */
export function useEndWithPage(running: Running, busy: boolean): void {
  useEffect(() => {
    const controllers = running.current;
    return () => controllers.forEach((controller) => controller.abort());
  }, [running]);
  useEffect(() => {
    if (!busy) {
      return undefined;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [busy]);
}
