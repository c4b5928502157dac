"""Texts about ports."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "network.holder.pages": "the pages of Town OS",
    "network.holder.unknown": "another program",
    "network.no_free_port": "no free port is left between 10000 and 60000",
    "network.port_taken": "port %d is already used by %s",
}
