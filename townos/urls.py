"""The one gate for addresses from outside, and for hosts that never belong to a home.

Those are link-local addresses, where cloud machines keep their secrets. Loopback and addresses of the home network are
allowed.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from townos.limits import URL_MAX_CHARS

_LINK_LOCAL: Final = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # RFC 3927
        "fe80::/10",  # RFC 4291
        "fd00:ec2::/32",  # the metadata service of Amazon
        "fd20:ce::/64",  # the metadata service of Google
    )
)
_EMBEDDING: Final = tuple(
    (IPv6Network(network), start)
    for network, start in (
        ("::/96", 12),  # IPv4-compatible (RFC 4291)
        ("::ffff:0:0/96", 12),  # IPv4-mapped (RFC 4291)
        ("::ffff:0:0:0/96", 12),  # IPv4-translated (RFC 2765)
        ("64:ff9b::/96", 12),  # NAT64 (RFC 6052)
        ("64:ff9b:1::/48", 12),  # NAT64 of a site (RFC 8215)
        ("2002::/16", 2),  # 6to4 (RFC 3056)
        ("2001::/32", 4),  # the server of Teredo (RFC 4380)
    )
)
"""Which IPv6 addresses hold an IPv4 one, and with which byte it begins."""
_SITE_NAT64: Final = IPv6Network("64:ff9b:1::/48")
_TEREDO: Final = IPv6Network("2001::/32")
_ISATAP: Final = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")  # RFC 5214


_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_FORBIDDEN_IN_ASCII: Final = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class UrlFlaw(Enum):
    """What is wrong with an address."""

    EMPTY = auto()
    TOO_LONG = auto()
    CHARACTERS = auto()
    MALFORMED = auto()
    SCHEME = auto()
    LINK_LOCAL = auto()


class RefusedUrl(ValueError):
    """An address that did not pass; `host` is that of a link-local one."""

    def __init__(self, flaw: UrlFlaw, host: str = "") -> None:
        self.flaw = flaw
        self.host = host
        super().__init__(flaw.name)


@dataclass(frozen=True, slots=True)
class Url:
    """An address in its parts. Its `repr` shows neither credentials nor the query, which may sign a request.

    `authority` is host and port as they were written, in lower case. User name and password have their %-escapes
    decoded.
    """

    scheme: str
    authority: str
    host: str
    port: int | None
    path: str
    query: str = field(default="", repr=False)
    fragment: str = field(default="", repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UrlGate:
    """What addresses for one purpose may be: their schemes, and whether they are of ASCII only."""

    schemes: tuple[str, ...]
    ascii_only: bool = False

    def parse(self, text: str) -> Url:
        """Read an address. Raises `RefusedUrl`."""
        if not text:
            raise RefusedUrl(UrlFlaw.EMPTY)
        if len(text) > URL_MAX_CHARS:
            raise RefusedUrl(UrlFlaw.TOO_LONG)
        if (_FORBIDDEN_IN_ASCII if self.ascii_only else _FORBIDDEN).search(text):
            raise RefusedUrl(UrlFlaw.CHARACTERS)
        try:
            parts = urlsplit(text)
            return self._checked(parts, parts.port)
        except RefusedUrl:
            raise
        except ValueError:
            raise RefusedUrl(UrlFlaw.MALFORMED) from None

    def _checked(self, parts: SplitResult, port: int | None) -> Url:
        if parts.scheme not in self.schemes:
            raise RefusedUrl(UrlFlaw.SCHEME)
        host = parts.hostname or ""
        if not host or port == 0:
            raise RefusedUrl(UrlFlaw.MALFORMED)
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if _FORBIDDEN.search(unquote(host)) or _CONTROL.search(username + password):
            raise RefusedUrl(UrlFlaw.CHARACTERS)
        if is_link_local(unquote(host)):
            raise RefusedUrl(UrlFlaw.LINK_LOCAL, host)
        authority = parts.netloc.rpartition("@")[2].lower()
        return Url(parts.scheme, authority, host, port, parts.path, parts.query, parts.fragment, username, password)


def is_link_local(host: str) -> bool:
    """Say whether a host is such an address in any spelling, or an IPv6 address that holds such an IPv4 address.

    A name is none: only resolving tells where it leads, and what that gives is for this function again.
    """
    address = _numeric(host)
    if address is None:
        return False
    held = _held(address) if isinstance(address, IPv6Address) else ()
    return any(found in network for found in (address, *held) for network in _LINK_LOCAL)


def _numeric(host: str) -> IPv4Address | IPv6Address | None:
    plain = host.removeprefix("[").removesuffix("]").partition("%")[0].rstrip(".")
    with suppress(ValueError):
        return ip_address(plain)
    try:
        return IPv4Address(socket.inet_aton(plain))  # 0xa9fea9fe and 0251.254.1 are addresses to many programs
    except (OSError, ValueError):
        return None


def _held(address: IPv6Address) -> Iterator[IPv4Address]:
    packed = address.packed
    for network, start in _EMBEDDING:
        if address in network:
            yield IPv4Address(packed[start : start + 4])
    if address in _SITE_NAT64:  # a site may end its prefix earlier; then the ninth byte is left out (RFC 6052)
        around = packed[:8] + packed[9:]
        yield from (IPv4Address(around[start : start + 4]) for start in (6, 7, 8))
    if address in _TEREDO:  # the client, with all bits inverted
        yield IPv4Address(bytes(byte ^ 0xFF for byte in packed[12:]))
    if packed[8:12] in _ISATAP:
        yield IPv4Address(packed[12:])
