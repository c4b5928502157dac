/** What a request can fail with. */

import { messageText } from "@/i18n/message";
import type { FieldProblem, Message, Operation } from "./types";

const UNPROCESSABLE = 422;
const LONGEST_TEXT = 500;

/** What an error may have besides its status and sentence. */
interface ErrorDetails {
  fields?: readonly FieldProblem[];
  /** The sentence as data, which an older appliance does not send. */
  message?: Message | undefined;
  retryAfterSeconds?: number | null;
}

/** An answer other than 200. `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly fields: readonly FieldProblem[];
  readonly retryAfterSeconds: number | null;
  private readonly data: Message | undefined;

  constructor(
    readonly status: number,
    readonly detail: string,
    { fields = [], message, retryAfterSeconds = null }: ErrorDetails = {},
  ) {
    super(detail);
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
    this.data = message;
  }

  /** Whether the appliance could not be reached. */
  get offline(): boolean {
    return this.status === 0;
  }

  /** The errors of fields by the name of the field, in the reader's language. */
  byField(locale: string): Record<string, string> {
    return Object.fromEntries(this.fields.map(({ name, error, ...message }) => [name, messageText({ ...message, text: error }, locale)]));
  }

  /** The sentence for people, in the reader's language. */
  text(locale: string): string {
    return messageText({ ...this.data, text: this.detail }, locale);
  }
}

/** Any error as one of the appliance; one of another kind counts as no answer. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, error instanceof Error ? error.message : String(error));
}

/** Why an operation failed. */
export function operationError({ error, error_detail: message }: Operation): ApiError {
  return new ApiError(UNPROCESSABLE, error, { message });
}

/** Read the error out of an answer: a problem (RFC 9457), or else whatever text there is. */
export async function problem(response: Response): Promise<ApiError> {
  const text = await response.text();
  const body = parsed(text);
  const detail = string(body["detail"]) ?? string(body["message"]) ?? (text.trim().slice(0, LONGEST_TEXT) || `status ${response.status}`);
  return new ApiError(response.status, detail, {
    fields: list(body["validation_errors"]).filter(isFieldProblem),
    message: isMessage(body) ? body : undefined,
    retryAfterSeconds: seconds(response.headers.get("Retry-After")),
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function string(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isMessage(value: object): value is Message {
  return "code" in value && "params" in value && typeof value.code === "string" && Array.isArray(value.params);
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return (
    typeof value === "object" && value !== null && "name" in value && "error" in value && typeof value.name === "string" && typeof value.error === "string"
  );
}

function seconds(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}
