"""Git addresses: what is allowed, and credentials kept apart from what is shown."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote, unquote

from townos.errors import Invalid
from townos.limits import URL_MAX_CHARS
from townos.urls import RefusedUrl, UrlFlaw, UrlGate

SCHEMES: Final = ("http", "https", "ssh", "git")
_GATE: Final = UrlGate(SCHEMES)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A username and a password that never show in a `repr`."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GitUrl:
    """An address of a git repository. `str()` and `repr()` never show the credentials.

    `bare` is the address without userinfo, as it goes to libgit2, `.git/config`, logs and errors.
    """

    bare: str
    scheme: str = ""
    host: str = ""
    port: int | None = None
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    own_keys: bool = True
    """Whether this machine may show its own SSH keys there."""

    def __str__(self) -> str:
        return self.bare

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address that came from outside.

        `http`, `https`, `ssh` and `git` only; userinfo is split off with its %-escapes decoded. Raises `Invalid`.
        """
        try:
            url = _GATE.parse(text)
        except RefusedUrl as refused:
            raise _refusal(refused) from None
        if not url.path.strip("/") or url.query or url.fragment:
            raise Invalid("git.url_malformed")
        bare = f"{url.scheme}://{url.authority}{url.path}"
        return cls(bare, url.scheme, url.host, url.port, url.username, url.password)

    @classmethod
    def local(cls, path: Path) -> Self:
        """Return the address of a directory of this machine: never from outside text."""
        return cls(str(path.absolute()))

    @property
    def is_local(self) -> bool:
        """Whether this is a path of this machine, made by `local`."""
        return not self.scheme

    def with_credentials(self, username: str, password: str) -> Self:
        """Return the same address with these credentials instead."""
        return replace(self, username=username, password=password)

    def without_own_keys(self) -> Self:
        """Return the same address, where only the credentials in it may be shown."""
        return replace(self, own_keys=False)

    def text_with_credentials(self) -> str:
        """Return the address with userinfo, as `repositories.json` stores it (docs/api.md, Repositories).

        Never log this.
        """
        if not self.username and not self.password:
            return self.bare
        userinfo = quote(self.username, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        return self.bare.replace("://", f"://{userinfo}@", 1)

    def last_segment(self) -> str:
        """Return the last part of the path without `.git`: the name of a repository that was given none."""
        return unquote(self.bare).rstrip("/").rpartition("/")[2].removesuffix(".git")

    @property
    def place(self) -> str:
        """Host and port, for an error text; the path of a local repository."""
        return f"{self.host}:{self.port}" if self.port else self.host or self.bare


def _refusal(refused: RefusedUrl) -> Invalid:
    match refused.flaw:
        case UrlFlaw.EMPTY:
            return Invalid("git.url_empty")
        case UrlFlaw.TOO_LONG:
            return Invalid("git.url_too_long", URL_MAX_CHARS)
        case UrlFlaw.CHARACTERS:
            return Invalid("git.url_characters")
        case UrlFlaw.SCHEME:
            return Invalid("git.url_scheme", ", ".join(SCHEMES))
        case UrlFlaw.LINK_LOCAL:
            return Invalid("git.url_link_local", refused.host)
        case UrlFlaw.MALFORMED:
            return Invalid("git.url_malformed")
