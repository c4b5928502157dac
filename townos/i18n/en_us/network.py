"""Texts about ports."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "network.holder.pages": "the pages of Town OS",
    "network.holder.unknown": "another process",
    "network.no_free_port": "no port between 10000 and 60000 is free",
    "network.port_taken": "port %d is already used by %s",
}
