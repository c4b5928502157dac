"""Which web pages may talk to this server, and under which names it answers as itself.

A page on a stranger's name that resolves to this machine (DNS rebinding) is same-origin in the browser's eyes, so the
`Host` of a request counts only if nobody else can own it: an address, localhost, our host name, or a host that the
administrator has allowed.
"""

from collections.abc import Callable, Collection
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from townos.limits import ORIGIN_MAX_AGE_SECONDS, ORIGINS_PARSED_KEPT

Headers = list[tuple[str, str]]

ALLOWED_METHODS: Final = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"
ALLOWED_HEADERS: Final = "Content-Type,Authorization,Accept,Last-Event-ID"
EXPOSED_HEADERS: Final = "Content-Type,Content-Disposition,Retry-After"
_COMMON: Final[Headers] = [("Access-Control-Allow-Credentials", "true")]


class Origins:
    """The rules for `Origin` and `Host`. `allowed_hosts` is asked every time, so a new setting counts at once."""

    def __init__(
        self, hostname: str, allowed_hosts: Callable[[], Collection[str]], *, any_origin: bool = False
    ) -> None:
        self._own_names = frozenset({"localhost", hostname.lower(), f"{hostname.lower()}.local"})
        self._allowed_hosts = allowed_hosts
        self._any_origin = any_origin

    def is_own(self, host: str) -> bool:
        """Tell whether a `Host` header names this machine beyond a stranger's control."""
        name = host_name(host)
        return name in self._own_names or _is_address(name) or name in self._listed()

    def allows(self, origin: str, host: str) -> bool:
        """Tell whether a page from `origin` may read the answer to a request that was sent to `host`."""
        if self._any_origin:
            return True
        name = _origin_name(origin)
        if name is None:
            return False
        return name in self._listed() or (name == host_name(host) and self.is_own(host))

    def headers(self, origin: str | None, host: str) -> Headers:
        """Return the CORS headers of an answer."""
        if not origin:
            return []
        if not self.allows(origin, host):
            return [("Vary", "Origin")]
        return [
            ("Access-Control-Allow-Origin", origin),
            *_COMMON,
            ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
            ("Vary", "Origin"),
        ]

    def preflight(self, origin: str | None, host: str, *, private_network: bool) -> Headers:
        """Return the CORS headers of an answer to an OPTIONS request."""
        headers = self.headers(origin, host)
        if not origin or not self.allows(origin, host):
            return headers
        headers += [
            ("Access-Control-Allow-Methods", ALLOWED_METHODS),
            ("Access-Control-Allow-Headers", ALLOWED_HEADERS),
            ("Access-Control-Max-Age", str(ORIGIN_MAX_AGE_SECONDS)),
        ]
        return [*headers, ("Access-Control-Allow-Private-Network", "true")] if private_network else headers

    def _listed(self) -> frozenset[str]:
        return frozenset(host_name(host) for host in self._allowed_hosts())


def host_name(host: str) -> str:
    """Return the name or address in a `Host` header: no port, no brackets, lower case; empty if it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _origin_name(origin: str) -> str | None:
    """Return the host of an origin like `https://name:port`; None for `null` and whatever else is no web page's."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    is_page = parts.scheme in {"http", "https"} and not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.hostname if is_page else None


@lru_cache(maxsize=ORIGINS_PARSED_KEPT)
def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
