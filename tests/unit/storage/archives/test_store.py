"""The archive files that packages name."""

import os
from pathlib import Path

import pytest

from townos.errors import Invalid, NotFound
from townos.names import ArchiveName
from townos.storage.archives.store import ArchiveFile, ArchiveStore

NAME = ArchiveName.parse("site-1.0.tar.gz")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "archives").mkdir()
    return tmp_path / "archives"


async def read(store: ArchiveStore, name: ArchiveName) -> bytes:
    async with store.open(name) as pieces:
        return b"".join([piece async for piece in pieces])


async def test_an_archive_is_found_listed_and_read(directory: Path) -> None:
    content = os.urandom(600_000)
    (directory / NAME).write_bytes(content)
    (directory / "notes.txt").write_bytes(b"no archive")
    store = ArchiveStore(directory)
    assert await store.exists(NAME)
    assert await store.list() == [ArchiveFile(NAME, 600_000)]
    assert await read(store, NAME) == content


async def test_reading_may_end_early(directory: Path) -> None:
    (directory / NAME).write_bytes(bytes(600_000))
    async with ArchiveStore(directory).open(NAME) as pieces:
        assert await anext(pieces)


async def test_an_empty_store_has_no_archive(directory: Path) -> None:
    for store in (ArchiveStore(directory), ArchiveStore(directory / "missing")):
        assert not await store.exists(NAME)
        assert await store.list() == []
        with pytest.raises(NotFound):
            await read(store, NAME)


@pytest.mark.parametrize("kind", ["link", "directory", "fifo"])
async def test_only_regular_files_are_archives(kind: str, directory: Path) -> None:
    (directory.parent / "secret.tar.gz").write_bytes(b"elsewhere")
    if kind == "link":
        (directory / NAME).symlink_to("../secret.tar.gz")
    elif kind == "directory":
        (directory / NAME).mkdir()
    else:
        os.mkfifo(directory / NAME)
    store = ArchiveStore(directory)
    assert not await store.exists(NAME)
    assert await store.list() == []
    with pytest.raises(NotFound):
        await read(store, NAME)


@pytest.mark.parametrize(
    "text", ["a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tbz2", "a.tar.xz", "a.txz", "A-1_2.b.tar"]
)
def test_names_of_archives(text: str) -> None:
    assert ArchiveName.parse(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".tar",
        "../a.tar",
        "/a.tar",
        "a/b.tar",
        "a.zip",
        "a.tar.gz\n",
        "-a.tar",
        "a b.tar",
        "a.tar\0",
        "x" * 130 + ".tar",
    ],
)
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        ArchiveName.parse(text)
