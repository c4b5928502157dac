"""Texts about the boot."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "boot.not_ready": "Town OS is still starting (%s); try again in a moment",
}
