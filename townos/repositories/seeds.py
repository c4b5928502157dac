"""The repositories of a new appliance (docs/operator.md, Flags and environment)."""

from typing import Final

from townos.git.url import Credentials, GitUrl
from townos.names import RepositoryName
from townos.repositories.repository import Repository

DEFAULT_URL: Final = "https://github.com/town-os/default-packages"
CORE_URL: Final = "https://github.com/town-os/test-packages-core"
EXTRAS_URL: Final = "https://github.com/town-os/test-packages-extras"


def seeds(
    credentials: Credentials | None = None,
    *,
    test: bool = False,
    debug: bool = False,
    core_url: str | None = None,
    extras_url: str | None = None,
) -> tuple[Repository, ...]:
    """Return the first repositories, highest priority first, with the default credentials in them.

    Under test they are `core` and `extras`, in debugging these two before the default one. Raises `Invalid` for a
    test address that is none.
    """
    examples = (("core", core_url or CORE_URL), ("extras", extras_url or EXTRAS_URL))
    default = (("default", DEFAULT_URL),)
    wanted = examples if test else (*examples, *default) if debug else default
    return tuple(_seed(name, url, credentials) for name, url in wanted)


def _seed(name: str, text: str, credentials: Credentials | None) -> Repository:
    url = GitUrl.parse(text)
    if credentials is not None and not url.username:
        url = url.with_credentials(credentials.username, credentials.password)
    return Repository.of(RepositoryName.parse(name), url)
