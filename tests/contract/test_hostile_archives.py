"""Archives changed at random: whatever passes stays where it belongs, in the eyes of two other readers too."""

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.support.archive_mutations import archives
from tests.support.archives import listed
from townos.errors import TownError
from townos.storage.archives.canonical import CanonicalTar
from townos.storage.archives.rules import ArchiveLimits, Rules

SEED = 20_261_124
ARCHIVES = 40_000
UNPACKED_ONE_IN = 40
LIMITS = ArchiveLimits(bytes=100_000, members=50, seconds=60)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def canonical(stream: bytes) -> bytes | None:
    """Return what passes of a stream, None if it is refused."""
    tar = CanonicalTar(Rules(LIMITS))
    try:
        written = b"".join(map(bytes, tar.feed(stream)))
        tar.finish()
    except TownError:
        return None
    return written


def stays_inside(name: str) -> bool:
    return not name.startswith("/") and not {"", ".", ".."} & set(name.split("/"))


@pytest.mark.conformance("ARC-04")
def test_what_passes_stays_inside() -> None:
    passed = 0
    for number, stream in enumerate(archives(SEED, ARCHIVES)):
        written = canonical(stream)
        if written is None:
            continue
        passed += 1
        for name, kind, link, *_ in listed(written):
            assert stays_inside(name), number
            assert kind in {tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE}, number
            assert kind != tarfile.LNKTYPE or stays_inside(link), number
        assert canonical(written) == written, number  # judged again, it is the same
    assert ARCHIVES * 0.05 < passed < ARCHIVES * 0.95


@pytest.mark.conformance("ARC-04")
def test_what_passes_is_unpacked_without_a_word_and_nothing_leads_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    passed = [one for stream in archives(SEED + 1, ARCHIVES) if (one := canonical(stream))]
    for number, written in enumerate(passed[::UNPACKED_ONE_IN]):
        target = outside / str(number)
        target.mkdir()
        argv = ["tar", "-x", "--file=-", "--no-same-owner", "--warning=no-timestamp", f"--directory={target}"]
        done = subprocess.run(argv, input=written, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), number
        assert {path.name for path in outside.iterdir()} == {*map(str, range(number + 1))}
        for path in target.rglob("*"):  # a link may lead in circles, which is its own affair
            assert Path(os.path.realpath(path)).is_relative_to(target), (number, path)
