"""One configured repository, as the file keeps it and as people see it."""

import re
from dataclasses import dataclass
from typing import Final, Self

from townos.errors import TownError
from townos.git.url import GitUrl
from townos.i18n import Term
from townos.names import RepositoryName

_USERINFO: Final = re.compile(r"(?<=://)[^/]*@")


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """What a list shows: never a password. `username` is empty when there is none."""

    name: str
    url: str
    username: str = ""
    error: Term | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """An entry of `repositories.json`: both texts as they are there, so that one bad entry never costs the others."""

    name: str
    address: str
    by_admin: bool = True
    """Whether an administrator added it: only then is it shown what this machine has of its own, such as SSH keys."""

    def __repr__(self) -> str:
        return f"Repository({self.name!r})"

    @classmethod
    def of(cls, name: RepositoryName, url: GitUrl, *, by_admin: bool = True) -> Self:
        """Return the entry of a checked name and address."""
        return cls(name, url.text_with_credentials(), by_admin)

    def checked(self) -> tuple[RepositoryName, GitUrl]:
        """Return the name and the address. Raises `Invalid` for what a person or another program wrote wrongly."""
        name, url = RepositoryName.parse(self.name), GitUrl.parse(self.address)
        return name, url if self.by_admin else url.without_own_keys()

    @property
    def url(self) -> str:
        """The address without credentials."""
        return _USERINFO.sub("", self.address)

    @property
    def username(self) -> str:
        """The username in the address, if there is one that can be read."""
        try:
            return GitUrl.parse(self.address).username
        except TownError:
            return ""
