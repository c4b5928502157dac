"""Who commits."""

from pathlib import Path
from typing import Final

import pygit2

FALLBACK: Final = ("Town OS", "town-os@localhost")


def signature(repo: pygit2.Repository, home: Path) -> pygit2.Signature:
    """Return the user of the repository, else of `home/.gitconfig`, else Town OS, at this moment."""
    configurations: list[pygit2.Config] = [repo.config]
    if (home / ".gitconfig").is_file():
        configurations.append(pygit2.Config(str(home / ".gitconfig")))
    name, email = (_first(configurations, key) for key in ("user.name", "user.email"))
    return pygit2.Signature(*((name, email) if name and email else FALLBACK))


def _first(configurations: list[pygit2.Config], key: str) -> str | None:
    return next((configuration[key] for configuration in configurations if key in configuration), None)
