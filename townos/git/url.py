"""The one gate for git addresses: what is allowed, and credentials kept apart from what is shown."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from townos.errors import Invalid
from townos.limits import GIT_URL_MAX_CHARS
from townos.urls import is_link_local

SCHEMES: Final = ("http", "https", "ssh", "git")
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")


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

        `http`, `https`, `ssh` and `git` only; userinfo is split off with its %-escapes decoded. Loopback and
        addresses of the home network are allowed, link-local ones are not. Raises `Invalid`.
        """
        if not text:
            raise Invalid("git.url_empty")
        if len(text) > GIT_URL_MAX_CHARS:
            raise Invalid("git.url_too_long", GIT_URL_MAX_CHARS)
        if _FORBIDDEN.search(text):
            raise Invalid("git.url_characters")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise Invalid("git.url_malformed") from None
        return cls._checked(parts, port)

    @classmethod
    def _checked(cls, parts: SplitResult, port: int | None) -> Self:
        if parts.scheme not in SCHEMES:
            raise Invalid("git.url_scheme", ", ".join(SCHEMES))
        host = parts.hostname or ""
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not host or not parts.path.strip("/") or parts.query or parts.fragment:
            raise Invalid("git.url_malformed")
        if _FORBIDDEN.search(unquote(host)) or _has_control(username + password):
            raise Invalid("git.url_characters")
        if is_link_local(unquote(host)):
            raise Invalid("git.url_link_local", host)
        place = parts.netloc.rpartition("@")[2].lower()
        return cls(f"{parts.scheme}://{place}{parts.path}", parts.scheme, host, port, username, password)

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
        """Return the address with userinfo, as `repositories.json` stores it (contract §5). Never log this."""
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


def _has_control(text: str) -> bool:
    return any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text)
