"""Messages about settings."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "settings.not_found": "setting %q not found",
    "settings.key_required": "key is required",
    "settings.invalid_bytes": "invalid byte value for %q: %v",
    "settings.invalid": "invalid value for %q: %v",
    "settings.too_many": "there cannot be more than %d settings",
    "settings.duration_range": "a duration from %s to %s is needed",
    "settings.count_range": "a whole number from %d to %d is needed",
    "settings.choices": "one of these is needed: %s",
    "settings.invalid_locale": "a language code like en-US is needed",
    "settings.invalid_host": "%q is neither a host name nor an address",
    "settings.too_many_hosts": "there cannot be more than %d host names",
}
