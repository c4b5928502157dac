/** Requests to the appliance: the token, the address, and errors of one kind. */

import { ApiError, problem } from "./errors";
import { sendForm, type UploadOptions } from "./upload";

export type Query = Record<string, string | number | boolean | undefined>;

export interface Tokens {
  token(): string | null;
  /** The token that was sent is not valid any more. */
  rejected(token: string): void;
}

export interface StreamOptions {
  query?: Query;
  lastEventId?: string;
  signal: AbortSignal;
}

export class ApiClient {
  constructor(
    private readonly base: () => Promise<string>,
    private readonly tokens: Tokens,
    private readonly ask: typeof fetch = (...request) => fetch(...request),
    private readonly newRequest = () => new XMLHttpRequest(),
  ) {}

  async get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
    return content<Answer>(await this.send(path + queryText(query), signal ? { signal } : {}));
  }

  async post<Answer = void>(path: string, body: object = {}, signal?: AbortSignal): Promise<Answer> {
    return content<Answer>(await this.open(path, body, signal));
  }

  /** Post, and read the answer while it comes. */
  async open(path: string, body: object, signal?: AbortSignal): Promise<Response> {
    const request: RequestInit = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    return this.send(path, signal ? { ...request, signal } : request);
  }

  /** Post a form with a file in it, and tell how much of it has gone out. Rejects with the signal's reason when that aborts. */
  async upload(path: string, form: FormData, options: UploadOptions): Promise<void> {
    const token = this.tokens.token();
    const response = await sendForm(this.newRequest(), (await this.base()) + path, form, token, options);
    await this.accepted(response, token);
  }

  /** Open a stream of server-sent events. */
  async stream(path: string, { query = {}, lastEventId, signal }: StreamOptions): Promise<ReadableStream<Uint8Array>> {
    const headers = lastEventId ? { "Last-Event-ID": lastEventId } : {};
    const response = await this.send(path + queryText(query), { signal, headers: { Accept: "text/event-stream", ...headers } });
    return response.body ?? new ReadableStream();
  }

  private async send(path: string, request: RequestInit): Promise<Response> {
    const token = this.tokens.token();
    const headers = new Headers(request.headers);
    if (token) {
      headers.set("Authorization", `Bearer ${token}`);
    }
    return this.accepted(await this.reach(path, { ...request, headers, cache: "no-store" }), token);
  }

  private async accepted(response: Response, token: string | null): Promise<Response> {
    if (response.status === 200) {
      return response;
    }
    if (response.status === 401 && token) {
      this.tokens.rejected(token);
    }
    throw await problem(response);
  }

  private async reach(path: string, request: RequestInit): Promise<Response> {
    try {
      return await this.ask((await this.base()) + path, request);
    } catch (error) {
      if (request.signal?.aborted) {
        throw error;
      }
      throw new ApiError(0, error instanceof Error ? error.message : String(error));
    }
  }
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]]));
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** Most successful changes answer with an empty body. */
async function content<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Answer;
}
