"""Volumes for contract tests: the fake, and the real ones on a file system of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.btrfs import mounted_btrfs
from townos.storage.btrfs import BtrfsVolumes
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
