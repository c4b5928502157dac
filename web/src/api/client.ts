/** Requests to the appliance, typed by its own description of the interface: the token, the address, errors of one kind. */

import createClient, { type Client } from "openapi-fetch";
import { asApiError, problem } from "./errors";
import type { paths } from "./schema";
import { sendForm, type UploadOptions } from "./upload";

type PathWith<Method extends string, Operation> = { [Path in keyof paths]: paths[Path] extends Record<Method, Operation> ? Path : never }[keyof paths];

export type GetPath = Parameters<Client<paths>["GET"]>[0];
export type PostPath = Parameters<Client<paths>["POST"]>[0];
/** The paths that answer with server-sent events. */
export type StreamPath = PathWith<"get", { responses: { 200: { content: { "text/event-stream": string } } } }>;
/** The paths that take a form with a file. */
export type UploadPath = PathWith<"post", { requestBody: { content: { "multipart/form-data": object } } }>;

type Success<Operation> = Operation extends { responses: { 200: { content: { "application/json": infer Json } } } } ? Json : undefined;
type JsonBody<Operation> = Operation extends { requestBody?: { content: { "application/json": infer Json } } } ? Json : Record<string, never>;
type QueryOf<Operation> = Operation extends { parameters: { query?: infer Parameters } } ? Loose<Parameters> : never;
/** A parameter that is undefined is not sent. */
type Loose<Parameters> = { [Name in keyof Parameters]?: Parameters[Name] | undefined };

export type Answer<Path extends GetPath | PostPath, Method extends "get" | "post"> = Path extends keyof paths ? Success<paths[Path][Method]> : never;
export type Body<Path extends PostPath> = JsonBody<paths[Path]["post"]>;
export type Query<Path extends GetPath> = QueryOf<paths[Path]["get"]>;

type Values = Record<string, string | number | boolean | undefined>;

export interface Tokens {
  token(): string | null;
  /** The token that was sent is not valid any more. */
  rejected(token: string): void;
}

export interface StreamOptions<Path extends StreamPath> {
  query?: Query<Path>;
  lastEventId?: string;
  signal: AbortSignal;
}

/** A request before it is sent: its address is known only when the base is. */
class Outgoing {
  constructor(
    readonly url: string,
    readonly init: RequestInit,
  ) {}
}

export class ApiClient {
  private readonly client = createClient<paths>({
    Request: Outgoing as unknown as typeof Request,
    fetch: (request) => this.sent(request as unknown as Outgoing),
    querySerializer: (query) => new URLSearchParams(given(query as Values)).toString(),
  });

  constructor(
    private readonly base: () => Promise<string>,
    private readonly tokens: Tokens,
    private readonly ask: typeof fetch = (...request) => fetch(...request),
    private readonly newRequest = () => new XMLHttpRequest(),
  ) {}

  // The casts: what a path takes and gives is known to TypeScript only where it is called with a path.

  async get<Path extends GetPath>(path: Path, query?: Query<Path>, signal?: AbortSignal): Promise<Answer<Path, "get">> {
    const { data } = await this.client.GET(path, { params: { query }, ...(signal && { signal }) } as never);
    return data as Answer<Path, "get">;
  }

  async post<Path extends PostPath>(path: Path, body?: Body<Path>, signal?: AbortSignal): Promise<Answer<Path, "post">> {
    const { data } = await this.client.POST(path, { body: body ?? {}, ...(signal && { signal }) } as never);
    return data as Answer<Path, "post">;
  }

  /** Post, and read the answer while it comes. */
  async open<Path extends PostPath>(path: Path, body: Body<Path>, signal?: AbortSignal): Promise<Response> {
    const request: RequestInit = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    return this.send(path, signal ? { ...request, signal } : request);
  }

  /** Post a form with a file in it, and tell how much of it has gone out. Rejects with the signal's reason when that aborts. */
  async upload(path: UploadPath, form: FormData, options: UploadOptions): Promise<void> {
    const token = this.tokens.token();
    const response = await sendForm(this.newRequest(), (await this.base()) + path, form, token, options);
    await this.accepted(response, token);
  }

  /** Open a stream of server-sent events. */
  async stream<Path extends StreamPath>(path: Path, { query, lastEventId, signal }: StreamOptions<Path>): Promise<ReadableStream<Uint8Array>> {
    const headers = lastEventId ? { "Last-Event-ID": lastEventId } : {};
    const parameters = new URLSearchParams(given(query ?? {})).toString();
    const response = await this.send(parameters ? `${path}?${parameters}` : path, { signal, headers: { Accept: "text/event-stream", ...headers } });
    return response.body ?? new ReadableStream();
  }

  private sent({ url, init }: Outgoing): Promise<Response> {
    return this.send(url, init);
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
      throw asApiError(error);
    }
  }
}

/** The parameters that have a value. */
function given(query: Values): [string, string][] {
  return Object.entries(query).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]]));
}
