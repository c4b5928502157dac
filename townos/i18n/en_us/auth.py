"""Messages about who is calling."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "auth.missing_token": "missing authorization token",
    "auth.invalid_session": "invalid session",
    "auth.admin_required": "admin access required",
}
