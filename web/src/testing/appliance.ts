/** A small appliance that answers in memory: what a test says it answers, and what it was asked. */

import type { Page, Ping } from "@/api/types";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  headers: Headers;
}

/** The status for somebody who is signed in. */
export const PING: Ping = { status: "ok", username: "ada", locale: "en-US", space_thresholds: { warn: 85, stop: 95 }, default_quota: 50 * 1024 ** 3 };

type Answer = Response | Promise<Response>;
export type Answering = (asked: Asked) => Answer;

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json", ...headers } });
}

export function empty(): Response {
  return new Response("", { status: 200 });
}

export function problem(status: number, detail: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Response {
  const errors = Object.entries(fields).map(([name, error]) => ({ name, error }));
  const body = { type: `about:blank#${status}`, title: "", status, detail, ...(errors.length && { validation_errors: errors }) };
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json", ...headers } });
}

export function page<Entry>(entries: Entry[], whole: Partial<Page<Entry>> = {}): Response {
  return json({ entries, has_more: false, total_pages: 1, total_count: entries.length, ...whole });
}

/** An answer that a test gives when it wants to. */
export class Later {
  give!: (answer: Response) => void;
  readonly response = new Promise<Response>((resolve) => (this.give = resolve));
}

/** A stream that a test writes to. */
export class Stream {
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly response: Response;

  constructor() {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.controller = controller) });
    this.response = new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  send(text: string): void {
    this.controller?.enqueue(new TextEncoder().encode(text));
  }

  event(data: unknown, id = ""): void {
    this.send(`${id && `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.controller?.close();
  }
}

export class Appliance {
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, Answering>();

  constructor() {
    this.on("GET /status/ping", () => json(PING));
    this.on("GET /operations/events", () => new Stream().response);
    this.on("GET /operations", () => page([]));
    this.on("GET /packages", () => page([]));
    this.on("GET /packages/upgrades", () => json([]));
    this.on("POST /storage", () => page([]));
    this.on("GET /systemd/units", () => page([]));
  }

  /** From now on, answer `METHOD /path` like this. */
  on(request: string, answering: Answering): this {
    this.answers.set(request, answering);
    return this;
  }

  /** All requests for `METHOD /path` so far. */
  requests(request: string): Asked[] {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === request);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input), "http://town.test");
    const asked: Asked = {
      method: init?.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      body: typeof init?.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {},
      headers: new Headers(init?.headers),
    };
    this.asked.push(asked);
    const answering = this.answers.get(`${asked.method} ${asked.path}`);
    return answering ? orAborted(answering(asked), init?.signal) : problem(404, "Not Found");
  };
}

/** The answer, unless whoever waits for it gives up. */
function orAborted(answer: Answer, signal: AbortSignal | null | undefined): Answer {
  if (!signal || answer instanceof Response) {
    return answer;
  }
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  return Promise.race([answer, aborted]);
}
