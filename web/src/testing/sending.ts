/** The browser's way to send a file, in the hands of a test. */

import { vi } from "vitest";

export class Sending extends EventTarget {
  readonly upload = new EventTarget();
  readonly headers = new Map<string, string>();
  status = 0;
  responseText = "";
  url = "";
  form: FormData | null = null;
  aborted = false;

  open(_method: string, url: string): void {
    this.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers.set(name, value);
  }

  send(form: FormData): void {
    this.form = form;
  }

  abort(): void {
    this.aborted = true;
    this.dispatchEvent(new Event("abort"));
  }

  getResponseHeader(name: string): string | null {
    return name === "Content-Type" ? "application/json" : null;
  }

  /** So much has gone out. */
  sent(loaded: number, total: number): void {
    this.upload.dispatchEvent(new ProgressEvent("progress", { lengthComputable: true, loaded, total }));
  }

  answer(status: number, body: object = {}): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.dispatchEvent(new Event("load"));
  }

  /** The connection breaks. */
  break(): void {
    this.dispatchEvent(new Event("error"));
  }
}

/** From now on, files are sent to the test; the newest is last. */
export function catchSendings(): Sending[] {
  const caught: Sending[] = [];
  vi.stubGlobal(
    "XMLHttpRequest",
    class extends Sending {
      constructor() {
        super();
        caught.push(this);
      }
    },
  );
  return caught;
}
