"""Messages about settings."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "settings.not_found": "setting %q not found",
    "settings.key_required": "key is required",
    "settings.invalid_bytes": "invalid byte value for %q: %v",
    "settings.invalid": "invalid value for %q: %v",
    "settings.too_many": "there cannot be more than %d settings",
    "settings.duration_range": "enter a duration from %s to %s",
    "settings.count_range": "enter a whole number from %d to %d",
    "settings.choices": "enter one of: %s",
    "settings.invalid_locale": "enter a language code like en-US",
    "settings.invalid_host": "%q is not a valid host name or address",
    "settings.too_many_hosts": "there cannot be more than %d host names",
}
