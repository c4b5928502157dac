"""Unpacking with the real programs."""

import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
import trio

from tests.support.archives import COMPRESSED, directory, hard_link, in_pieces, member, packed, symlink
from tests.support.processes import children
from townos.errors import Forbidden, Invalid, Malformed
from townos.posix.process import ProcessFailed, ProcessMissing
from townos.storage.archives import formats
from townos.storage.archives.formats import ArchiveFormat, decompressor
from townos.storage.archives.rules import ArchiveLimits
from townos.storage.archives.unpacking import Unpacked, unpack

LIMITS = ArchiveLimits(bytes=10_000_000, members=1_000, seconds=60)
ME = (os.getuid(), os.getgid())
STREAM = packed(member("d/a", b"content", owner=ME), member("b", b"x" * 300_000, owner=ME))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "target"
    path.mkdir()
    return path


@pytest.fixture(params=["parallel", "everywhere"])
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first of the programs that may be there, or the last."""
    if request.param == "everywhere":
        chosen = {kind: all_of_them[-1:] for kind, all_of_them in formats._DECOMPRESSORS.items()}
        monkeypatch.setattr(formats, "_DECOMPRESSORS", chosen)


async def put(content: bytes, name: str, target: Path, limits: ArchiveLimits = LIMITS) -> Unpacked:
    async with aclosing(in_pieces(content)) as source:
        return await unpack(source, name, target, limits)


def files(target: Path) -> dict[str, bytes]:
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


@pytest.mark.conformance("ARC-02")
@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("name", COMPRESSED)
async def test_every_format_is_unpacked(name: str, target: Path) -> None:
    assert await put(COMPRESSED[name](STREAM), name, target) == Unpacked(bytes=300_007, members=3)
    assert files(target) == {"d/a": b"content", "b": b"x" * 300_000}


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("name", COMPRESSED)
async def test_a_file_that_is_cut_off_is_refused(name: str, target: Path) -> None:
    content = COMPRESSED[name](packed(member("a", os.urandom(20_000), owner=ME)))
    for length in (len(content) - 1, len(content) // 2, 300):
        with pytest.raises(Malformed):
            await put(content[:length], name, target)


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("name", COMPRESSED)
async def test_a_file_that_goes_on_after_its_end_is_refused(name: str, target: Path) -> None:
    with pytest.raises(Malformed):
        await put(COMPRESSED[name](STREAM) + b"rubbish" * 500_000, name, target)


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("name", ["files.tar.gz", "files.tar.bz2", "files.tar.xz"])
async def test_a_damaged_file_is_refused(name: str, target: Path) -> None:
    content = bytearray(COMPRESSED[name](packed(member("a", os.urandom(20_000), owner=ME))))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(Malformed):
        await put(bytes(content), name, target)


@pytest.mark.parametrize("name", COMPRESSED)
async def test_a_file_that_is_no_tar_stream_is_refused(name: str, target: Path) -> None:
    with pytest.raises(Malformed):
        await put(COMPRESSED[name](b"no archive" * 100), name, target)
    assert files(target) == {}


async def test_an_empty_file_is_refused(target: Path) -> None:
    with pytest.raises(Malformed):
        await put(b"", "files.tar", target)


@pytest.mark.conformance("ARC-04")
async def test_a_decompression_bomb_is_refused_early(target: Path) -> None:
    bomb = COMPRESSED["files.tar.gz"](packed(member("zeros", bytes(20_000_000), owner=ME)))
    assert len(bomb) < 50_000
    with pytest.raises(Forbidden):
        await put(bomb, "files.tar.gz", target)
    assert files(target) == {}


async def test_modes_times_and_links_are_kept(target: Path) -> None:
    stream = packed(
        directory("d", mode=0o711), member("d/run", b"#!", mode=0o1754, owner=ME, mtime=1_234_567_890),
        hard_link("again", "d/run"), symlink("link", "d/run"), member("read-only/file", owner=ME, mode=0o400),
    )  # fmt: skip
    await put(stream, "files.tar", target)
    run = (target / "d/run").stat()
    assert (run.st_mode & 0o7777, run.st_mtime, run.st_nlink) == (0o1754, 1_234_567_890, 2)
    assert (target / "d").stat().st_mode & 0o7777 == 0o711
    assert (target / "link").readlink() == Path("d/run")


async def test_no_program_runs_as_somebody_else(target: Path) -> None:
    stream = packed(member("d/su", b"#!", mode=0o6755, owner=ME), directory("shared", mode=0o6775))
    await put(stream, "files.tar", target)
    assert [(target / name).stat().st_mode & 0o7777 for name in ("d/su", "shared")] == [0o755, 0o2775]


async def test_the_directory_itself_stays_as_it_is(target: Path) -> None:
    target.chmod(0o750)
    await put(packed(directory("./", mode=0o777), member("a", owner=ME)), "files.tar", target)
    assert target.stat().st_mode & 0o7777 == 0o750


async def test_a_link_to_a_place_where_nothing_is_yet_is_made(target: Path) -> None:
    await put(packed(symlink("a/link", "../b"), member("b", b"x", owner=ME)), "files.tar", target)
    assert (target / "a/link").read_bytes() == b"x"


@pytest.mark.parametrize("tar_format", ["v7", "ustar", "oldgnu", "gnu", "posix"])
async def test_an_archive_of_tar_is_unpacked_as_tar_does(tar_format: str, tmp_path: Path, target: Path) -> None:
    source = tmp_path / "source"
    (source / "a" / ("long" * 20)).mkdir(parents=True)
    (source / "a" / ("long" * 20) / "file").write_bytes(os.urandom(70_000))
    (source / "empty").touch(mode=0o640)
    (source / "umlaut-ä").hardlink_to(source / "empty")
    (source / "a" / "link").symlink_to("../empty")
    argv = ["tar", "-c", f"--format={tar_format}", "-C", str(source), "."]
    stream = subprocess.run(argv, check=True, capture_output=True).stdout
    name = "files.tar"
    if tar_format == "v7":  # has no signature of its own
        stream, name = COMPRESSED["files.tgz"](stream), "files.tgz"
    await put(stream, name, target)
    assert described(target) == described(source)


def described(root: Path) -> Sequence[object]:
    return sorted(
        (str(path.relative_to(root)), stat.st_mode, stat.st_uid, stat.st_nlink, int(stat.st_mtime), content(path))
        for path in root.rglob("*")
        for stat in [path.lstat()]
    )


def content(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    return path.read_bytes() if path.is_file() else b""


async def test_no_child_outlives_an_unpacking_that_is_cancelled(target: Path) -> None:
    stream = COMPRESSED["files.tar.gz"](STREAM)

    async def half() -> AsyncGenerator[bytes, None]:
        yield stream[: len(stream) // 2]
        unpacking.cancel()
        await trio.sleep_forever()

    with trio.CancelScope() as unpacking:
        async with aclosing(half()) as source:
            await unpack(source, "files.tar.gz", target, LIMITS)
    assert unpacking.cancelled_caught
    assert children() == []


async def test_an_error_of_the_source_is_raised_and_leaves_no_child(target: Path) -> None:
    async def broken() -> AsyncGenerator[bytes, None]:
        yield COMPRESSED["files.tar.gz"](STREAM)[:1_000]
        raise ConnectionError

    async with aclosing(broken()) as source:
        with pytest.raises(ConnectionError):
            await unpack(source, "files.tar.gz", target, LIMITS)
    assert children() == []


@pytest.mark.conformance("ARC-04")
async def test_unpacking_ends_when_its_time_is_up(target: Path) -> None:
    async def endless() -> AsyncGenerator[bytes, None]:
        yield COMPRESSED["files.tar"](STREAM)[:1_000]
        await trio.sleep_forever()

    async with aclosing(endless()) as source:
        with pytest.raises(Invalid) as late:
            await unpack(source, "files.tar", target, ArchiveLimits(1_000_000, 10, 0.05))
    assert late.value.code == "archive.timed_out"
    assert children() == []


async def test_an_error_of_tar_ends_the_unpacking(target: Path) -> None:
    (target / "d").write_bytes(b"in the way")
    with pytest.raises(ProcessFailed) as failed:
        await put(STREAM, "files.tar", target)
    assert "d" in failed.value.stderr


def test_the_parallel_programs_come_first_and_others_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"gzip", "bzip2", "pigz", "xz"}
    monkeypatch.setattr(shutil, "which", lambda name, **_: name if name in here else None)
    chosen = [decompressor(kind) for kind in ArchiveFormat]
    assert [argv[0] if argv else None for argv in chosen] == [None, "pigz", "bzip2", "xz"]
    here.discard("xz")
    with pytest.raises(ProcessMissing):
        decompressor(ArchiveFormat.XZ)
