"""repositories.json as docs/api.md describes it."""

import fcntl
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
import trio.testing

from townos.errors import Conflict, Internal, Unavailable
from townos.git import GitUrl
from townos.git.url import Credentials
from townos.names import RepositoryName
from townos.repositories.file import RepositoriesFile
from townos.repositories.repository import Repository
from townos.repositories.seeds import seeds

CORE = Repository("core", "https://town:s3cret@git.example/core")


@pytest.mark.conformance("REPO-01")
async def test_the_first_file_is_compact_and_private(tmp_path: Path) -> None:
    assert await RepositoriesFile(tmp_path / "repos").load([CORE]) == [CORE]
    path = tmp_path / "repos/repositories.json"
    assert path.read_bytes() == b'[{"name":"core","url":"https://town:s3cret@git.example/core"}]'
    assert path.stat().st_mode & 0o777 == 0o600


async def test_later_files_are_indented_and_end_with_a_newline(tmp_path: Path) -> None:
    file = RepositoriesFile(tmp_path)
    await file.load([])
    await file.update(lambda known: [*known, CORE])
    text = (tmp_path / "repositories.json").read_text()
    assert text == json.dumps([{"name": "core", "url": CORE.address}], indent=2) + "\n"
    assert (tmp_path / "repositories.json").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "repositories.json"]


async def test_pairs_of_older_versions_are_read(tmp_path: Path) -> None:
    (tmp_path / "repositories.json").write_text('[["core", "https://town:s3cret@git.example/core"]]')
    assert await RepositoriesFile(tmp_path).load([]) == [CORE]


async def test_only_an_entry_that_is_not_an_administrators_says_so(tmp_path: Path) -> None:
    file, guest = RepositoriesFile(tmp_path), Repository("guest", "https://git.example/guest", by_admin=False)
    await file.load([])
    await file.update(lambda known: [*known, CORE, guest])
    items = json.loads((tmp_path / "repositories.json").read_text())
    assert items == [
        {"name": "core", "url": CORE.address},
        {"name": "guest", "url": guest.address, "by_admin": False},
    ]
    assert await file.load([]) == [CORE, guest]


async def test_an_existing_file_is_not_seeded(tmp_path: Path) -> None:
    (tmp_path / "repositories.json").write_text("[]")
    assert await RepositoriesFile(tmp_path).load([CORE]) == []


@pytest.mark.parametrize("text", ["", "{}", '[{"name": 1, "url": "x"}]', '[["a"]]', "[1]", "[" * 100_000])
async def test_a_file_that_cannot_be_read_is_an_error_and_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "repositories.json").write_text(text)
    with pytest.raises(Internal):
        await RepositoriesFile(tmp_path).load([CORE])
    with pytest.raises(Internal):
        await RepositoriesFile(tmp_path).update(lambda known: [*known, CORE])
    assert (tmp_path / "repositories.json").read_text() == text


async def test_a_refused_change_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = RepositoriesFile(tmp_path)
    await file.load([CORE])
    before = (tmp_path / "repositories.json").read_bytes()

    def refuse(_known: object) -> list[Repository]:
        raise Conflict("repository.exists", "core")

    with pytest.raises(Conflict):
        await file.update(refuse)
    assert (tmp_path / "repositories.json").read_bytes() == before


async def test_a_writer_gives_up_while_another_program_holds_the_lock(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    file = RepositoriesFile(tmp_path)
    await file.load([])
    with (tmp_path / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Unavailable):
            await file.update(lambda known: [*known, CORE])
    assert (tmp_path / "repositories.json").read_text() == "[]"
    assert await file.update(lambda known: [*known, CORE]) == [CORE]


def test_a_repository_never_shows_its_password() -> None:
    assert "s3cret" not in repr(CORE) + CORE.url
    assert CORE.url == "https://git.example/core"
    assert CORE.username == "town"


def test_credentials_survive_the_file_whatever_they_hold() -> None:
    url = GitUrl.parse("https://git.example/core").with_credentials("to@wn:/", "p@ss/ w:ö%rd#?")
    name, read = Repository.of(RepositoryName("core"), url).checked()
    assert (name, read) == ("core", url)


class TestSeeds:
    """Which repositories a new appliance has."""

    @pytest.mark.conformance("REPO-02")
    def test_the_default_repository(self) -> None:
        assert addresses(seeds()) == [("default", "https://github.com/town-os/default-packages")]

    def test_seeds_under_test_are_core_and_extras(self) -> None:
        found = addresses(seeds(test=True, core_url="http://127.0.0.1:1/core.git"))
        assert found == [
            ("core", "http://127.0.0.1:1/core.git"),
            ("extras", "https://github.com/town-os/test-packages-extras"),
        ]

    def test_debugging_puts_core_and_extras_first(self) -> None:
        assert [seed.name for seed in seeds(debug=True)] == ["core", "extras", "default"]

    def test_default_credentials_are_written_into_the_seeds(self) -> None:
        found = addresses(seeds(Credentials("town", "p@ss")))
        assert found == [("default", "https://town:p%40ss@github.com/town-os/default-packages")]
        assert "p@ss" not in repr(Credentials("town", "p@ss"))


def addresses(repositories: Iterable[Repository]) -> list[tuple[str, str]]:
    return [(repository.name, repository.address) for repository in repositories]
