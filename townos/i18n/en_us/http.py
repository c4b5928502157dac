"""Messages about requests as such."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "http.not_found": "Not Found",
    "http.method_not_allowed": "Method Not Allowed",
    "http.internal": "an internal error has happened; the log of the system controller has the details",
    "http.cancelled": "cancelled before its end: the client went away, or Town OS was stopping",
    "http.stopping": "Town OS is stopping",
    "http.not_json": "the request body is not JSON, or not all of it",
    "http.not_json_at": "the request body is not JSON: it cannot be read at byte %d",
    "http.json_too_deep": "the request body is nested deeper than %d levels",
    "http.body_too_large": "the request body is larger than %d bytes",
    "http.body_timeout": "the request body did not arrive within %d seconds",
    "http.invalid_input": "invalid input: %s",
    "http.field_expected": "expected %s, got %s",
    "http.field_too_long": "longer than %d characters",
    "http.field_control": "control characters are not allowed",
    "http.field_missing": "required field is missing",
    "http.field_at_least": "must be at least %d",
    "http.field_at_most": "must be at most %d",
    "http.field_invalid": "this value is not allowed",
    "http.kind.array": "a list",
    "http.kind.bool": "true or false",
    "http.kind.float": "a number",
    "http.kind.int": "a whole number",
    "http.kind.null": "null",
    "http.kind.object": "an object",
    "http.kind.str": "a text",
    "http.kind.other": "another kind of value",
    "http.kind.or": "%s or %s",
    "http.foreign_host": "the first account is created under the address or the name of this machine only, not %q",
}
