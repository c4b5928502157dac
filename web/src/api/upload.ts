/** Sending a form with a large file. `fetch` tells nothing while it sends, so this is the browser's older way. */

import { ApiError } from "./errors";

export interface UploadOptions {
  /** Bytes of the form that have gone out, and all of them. */
  progress: (sent: number, total: number) => void;
  signal: AbortSignal;
}

/** Send it, and return the answer, whatever its status. Raises `ApiError` when none comes, and the signal's reason. */
export function sendForm(request: XMLHttpRequest, url: string, form: FormData, token: string | null, { progress, signal }: UploadOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const leave = () => request.abort();
    const settle = (then: () => void) => () => {
      signal.removeEventListener("abort", leave);
      then();
    };
    request.open("POST", url);
    if (token) {
      request.setRequestHeader("Authorization", `Bearer ${token}`);
    }
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded, total));
    request.addEventListener("load", settle(() => resolve(answerOf(request))));
    request.addEventListener("error", settle(() => reject(new ApiError(0, "the connection broke"))));
    request.addEventListener("abort", settle(() => reject(signal.reason)));
    signal.throwIfAborted();
    signal.addEventListener("abort", leave);
    request.send(form);
  });
}

function answerOf(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["Content-Type", "Retry-After"]) {
    const value = request.getResponseHeader(name);
    if (value !== null) {
      headers.set(name, value);
    }
  }
  return new Response(request.responseText, { status: request.status, headers });
}
