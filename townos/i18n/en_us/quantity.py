"""Messages about amounts of bytes and time."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "number.decimal": ".",
    "size.byte": "%s byte",
    "size.b": "%s bytes",
    "size.kb": "%s kB",
    "size.mb": "%s MB",
    "size.gb": "%s GB",
    "size.tb": "%s TB",
    "duration.second": "%s second",
    "duration.seconds": "%s seconds",
    "duration.minutes": "%s minutes",
    "duration.hours": "%s hours",
    "quantity.invalid_bytes": "%q is not a valid size: use a whole number of bytes, or one followed by MB, GB or TB",
    "quantity.invalid_duration": "%q is not a valid duration: use a whole number of seconds, or one followed by "
    "s, m, h or d",
    "quantity.too_large": "%q is more than any disk can hold",
}
