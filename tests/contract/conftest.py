"""What several contract tests run on: the fakes and the real parts."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.btrfs import mounted_btrfs
from tests.support.gitworlds import FakeWorld, HttpWorld, LocalWorld, World
from townos.storage.btrfs.volumes import BtrfsVolumes
from townos.storage.volumes import Volumes
from townos.testing.volumes import FakeVolumes


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    with mounted_btrfs(tmp_path) as path:
        yield path


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.bed)])
def volumes(request: pytest.FixtureRequest, tmp_path: Path) -> Volumes:
    if request.param == "fake":
        return FakeVolumes(tmp_path)
    return BtrfsVolumes(request.getfixturevalue("mount"))


@pytest.fixture(params=[FakeWorld, HttpWorld, LocalWorld])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Yield a git client, and a repository that it can reach."""
    with ExitStack() as stack:
        yield request.param(tmp_path / "server", stack)
