"""Messages about accounts and signing in."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "account.invalid_credentials": "invalid credentials",
    "account.throttled": "too many failed sign-ins; try again later",
    "account.too_many_hashes": "too many people are signing in right now; try again",
    "account.not_found": "account not found",
    "account.creation_failed": "account creation failed",
    "account.admin_status_immutable": "admin status cannot be changed after account creation",
    "account.last_admin": "the last enabled administrator cannot be disabled",
    "account.too_many": "there cannot be more than %d accounts",
    "account.password_too_short": "password must be at least %d characters",
    "account.password_too_long": "password must be at most %s",
    "account.contact_required": "email, phone, and real name are required",
    "account.contact_too_long": "%s is longer than %d characters",
    "account.contact_control_characters": "%s must not contain control characters",
    "account.invalid_email": "invalid email address",
    "account.invalid_phone": "invalid phone number",
}
