"""A program in a container stays within the quota of its volume: it makes no subvolume, however it asks for one."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support import escape
from townos.containers.seccomp import write_profile
from townos.images import ImageReference
from townos.installations.planning.unit import service_unit
from townos.names import PackageId, VolumeName
from townos.packages.package import Package, PackageVolume
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.paths import VolumePath
from townos.systemd.unitfile import Exec, entries, parse

pytestmark = pytest.mark.bed

MEBIBYTE = 1024**2
ID = PackageId.parse("test", "confined", "1")
DATA = VolumeName.parse("data")
BUSYBOX = ImageReference("docker.io/library/busybox:latest")
PROGRAM = ("/usr/bin/python3", "/escape.py")
BORROWED = ("/usr", "/lib", "/lib64")
"""Python of the machine itself: the image has none."""


@pytest.fixture
async def data(mount: Path) -> Path:
    volumes = BtrfsVolumes(mount)
    await volumes.ensure_roots()
    path = VolumePath.installed(ID, DATA)
    await volumes.create(path, 10 * MEBIBYTE)
    return volumes.location(path)


@pytest.fixture
async def profile(tmp_path: Path) -> Path:
    await write_profile(tmp_path / "seccomp.json")
    return tmp_path / "seccomp.json"


def unit_words(data: Path, profile: Path, command: Sequence[str]) -> list[str]:
    """Return how the unit of a package runs a program."""
    package = Package(ID, BUSYBOX, command=tuple(command), volumes=(PackageVolume(DATA, escape.VOLUME, 0, None, None),))
    (start,) = entries(parse(service_unit(package, {DATA: data}, "host", profile)), "ExecStart")
    assert isinstance(start, Exec)
    return list(start.argv)


def carried_out(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a container to its end, with Python and the program of these tests in it."""
    podman, run, *rest = words
    places = [(place, place) for place in BORROWED] + [(str(Path(escape.__file__)), "/escape.py")]
    mounts = [word for source, target in places for word in ("-v", f"{source}:{target}:ro")]
    subprocess.run([podman, "pull", "--quiet", BUSYBOX], check=True, capture_output=True)
    argv = [podman, run, "--rm", *mounts, *rest]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def outcome(words: Sequence[str]) -> dict[str, Any]:
    done = carried_out(words)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def subvolumes_in(data: Path) -> list[str]:
    listed = subprocess.run(["btrfs", "subvolume", "list", "-o", str(data)], check=True, capture_output=True, text=True)
    return listed.stdout.splitlines()


@pytest.mark.conformance("STO-01")
async def test_a_container_cannot_make_a_subvolume_by_any_call(data: Path, profile: Path) -> None:
    found = outcome(unit_words(data, profile, PROGRAM))
    assert found["escapes"] == dict.fromkeys(found["escapes"], "EPERM")
    assert len(found["escapes"]) == len(escape.COMMANDS) * (len(escape.UPPER_BITS) + 2)
    assert subvolumes_in(data) == []


async def test_files_are_copied_by_reference_all_the_same(data: Path, profile: Path) -> None:
    assert outcome(unit_words(data, profile, PROGRAM))["reflink"] == "done"


async def test_with_podmans_own_profile_the_quota_would_be_left(data: Path, profile: Path) -> None:
    """What the test above refuses is what the kernel would do."""
    words = unit_words(data, profile, PROGRAM)
    option = words.index("--security-opt")
    found = outcome(words[:option] + words[option + 2 :])
    assert [name for name, ended in found["escapes"].items() if ended == "done" and "x32" not in name] == [
        name for name in found["escapes"] if "x32" not in name
    ]
    assert subvolumes_in(data) != []
