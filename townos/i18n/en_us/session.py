"""Messages about sessions."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "session.not_found": "session not found",
}
