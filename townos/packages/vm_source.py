"""Where the disk of a virtual machine comes from: a URL, or the name of a file in `vm-images`."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urljoin

from townos.errors import Invalid
from townos.limits import URL_MAX_CHARS
from townos.names import VmImageName
from townos.urls import RefusedUrl, UrlFlaw, UrlGate

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_GATE: Final = UrlGate(tuple(DEFAULT_PORTS), ascii_only=True)
_HOST: Final = re.compile(r"[a-z0-9._-]+|[0-9a-f.]*:[0-9a-f:.]*")


@dataclass(frozen=True, slots=True)
class ImageUrl:
    """The address of an image. `str()` and `repr()` show neither credentials nor the query, which may sign a request.

    `target` is what is asked for: path and query. `authorization` is the header that the host gets, or empty.
    """

    scheme: str
    host: str
    port: int
    path: str
    target: str = field(repr=False)
    authorization: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}{self.path}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address that came from outside.

        `http` and `https` only. Raises `Invalid`.
        """
        try:
            url = _GATE.parse(text)
        except RefusedUrl as refused:
            raise _refusal(refused) from None
        if not _HOST.fullmatch(url.host):
            raise Invalid("vm.url_malformed")
        path = url.path or "/"
        return cls(
            scheme=url.scheme,
            host=url.host,
            port=url.port or DEFAULT_PORTS[url.scheme],
            path=path,
            target=f"{path}?{url.query}" if url.query else path,
            authorization=_basic(url.username, url.password),
        )

    def redirected(self, location: str) -> Self:
        """Return where a redirect leads: an address that passes the same gate, of the same scheme.

        Credentials only go along to the same host and port, unless the redirect brings its own. Raises `Invalid`.
        """
        try:
            joined = urljoin(f"{self.scheme}://{self.place}{self.target}", location)
        except ValueError:
            raise Invalid("vm.url_malformed") from None
        there = type(self).parse(joined)
        if there.scheme != self.scheme:
            raise Invalid("vm.redirect_scheme", there.scheme)
        if there.authorization or (there.host, there.port) != (self.host, self.port):
            return there
        return type(self)(there.scheme, there.host, there.port, there.path, there.target, self.authorization)

    @property
    def place(self) -> str:
        """Host and port, as in the address and in the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def file_name(self) -> str:
        """The last part of the path; empty if that ends in a slash."""
        return unquote(self.path).rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class VmImageSource:
    """The image that a manifest names: the file in `vm-images`, and where it comes from if it is not there yet."""

    name: VmImageName
    url: ImageUrl | None = None

    @classmethod
    def parse(cls, text: str, name: str = "") -> Self:
        """Read `vm.image`: a URL, or the name of a file that must be there.

        The file's name is given, or the last part of the URL; its extension becomes `.raw` (docs/packages.md). Raises
        `Invalid`.
        """
        if "://" not in text:
            return cls(VmImageName.parse(text))
        url = ImageUrl.parse(text)
        return cls(VmImageName.of(name or url.file_name), url)


def _basic(username: str, password: str) -> str:
    """Return the value of an `Authorization` header (RFC 7617)."""
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}" if username or password else ""


def _refusal(refused: RefusedUrl) -> Invalid:
    match refused.flaw:
        case UrlFlaw.EMPTY:
            return Invalid("vm.url_empty")
        case UrlFlaw.TOO_LONG:
            return Invalid("vm.url_too_long", URL_MAX_CHARS)
        case UrlFlaw.CHARACTERS:
            return Invalid("vm.url_characters")
        case UrlFlaw.SCHEME:
            return Invalid("vm.url_scheme")
        case UrlFlaw.LINK_LOCAL:
            return Invalid("vm.url_link_local", refused.host)
        case UrlFlaw.MALFORMED:
            return Invalid("vm.url_malformed")
