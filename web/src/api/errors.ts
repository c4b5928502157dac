/** What a request can fail with. */

export interface FieldProblem {
  name: string;
  error: string;
}

/** An answer other than 200. `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly detail: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
  }

  /** Whether the appliance could not be reached. */
  get offline(): boolean {
    return this.status === 0;
  }

  /** The errors of fields by the name of the field. */
  get byField(): Record<string, string> {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.error]));
  }
}

/** Read the error out of an answer: a problem (RFC 9457), or else whatever text there is. */
export async function problem(response: Response): Promise<ApiError> {
  const text = await response.text();
  const body = parsed(text);
  const detail = string(body["detail"]) ?? string(body["message"]) ?? (text.trim().slice(0, 500) || `status ${response.status}`);
  return new ApiError(response.status, detail, fieldProblems(body["validation_errors"]), seconds(response.headers.get("Retry-After")));
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
