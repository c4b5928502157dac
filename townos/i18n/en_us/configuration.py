"""Texts about flags and environment variables."""

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "configuration.listen": "the address to listen on must look like :5309 or 127.0.0.1:5309, not %q",
    "configuration.network_mode": "the network mode must be bridge or host, not %q",
    "configuration.credentials": "TOWN_OS_REPO_USERNAME and TOWN_OS_REPO_PASSWORD must be set together",
    "configuration.log_level": "%q is not a valid LOG_LEVEL; use one of %s",
}
