/** What a request can fail with. */

import { messageText, type Param } from "@/i18n/message";

/** What is wrong with one input. An older appliance sends neither `code` nor `params`. */
export interface FieldProblem {
  name: string;
  error: string;
  code?: string;
  params?: Param[];
}

/** An answer other than 200. `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly detail: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly retryAfterSeconds: number | null = null,
    readonly code: string | undefined = undefined,
    readonly params: readonly Param[] = [],
  ) {
    super(detail);
  }

  /** Whether the appliance could not be reached. */
  get offline(): boolean {
    return this.status === 0;
  }

  /** The errors of fields by the name of the field, in the reader's language. */
  byField(locale: string): Record<string, string> {
    return Object.fromEntries(this.fields.map((field) => [field.name, messageText({ ...field, text: field.error }, locale)]));
  }

  /** The sentence for people. */
  text(locale: string): string {
    return messageText({ code: this.code, params: this.params, text: this.detail }, locale);
  }
}

/** Any error as one of the appliance; one of another kind counts as no answer. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, String(error));
}

/** Read the error out of an answer: a problem (RFC 9457), or else whatever text there is. */
export async function problem(response: Response): Promise<ApiError> {
  const text = await response.text();
  const body = parsed(text);
  const detail = string(body["detail"]) ?? string(body["message"]) ?? (text.trim().slice(0, 500) || `status ${response.status}`);
  return new ApiError(response.status, detail, fieldProblems(body["validation_errors"]), seconds(response.headers.get("Retry-After")), string(body["code"]), paramList(body["params"]));
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

function paramList(value: unknown): Param[] {
  return Array.isArray(value) ? (value as Param[]) : [];
}

function fieldProblems(value: unknown): FieldProblem[] {
  return Array.isArray(value) ? value.filter(isFieldProblem) : [];
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return (
    typeof value === "object" && value !== null && "name" in value && "error" in value && typeof value.name === "string" && typeof value.error === "string"
  );
}

function seconds(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}
