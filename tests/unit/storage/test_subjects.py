"""What operations know volumes by."""

import pytest

from townos.names import PackageId, VolumeName
from townos.storage.paths import VolumePath
from townos.storage.subjects import subject

WEB = PackageId.parse("core", "web", "1.0")
DATA = VolumeName.parse("data")


def test_a_package_volume_is_worked_on_as_its_package() -> None:
    assert subject(VolumePath.installed(WEB, DATA)) == WEB
    assert subject(VolumePath.uninstalled(WEB, DATA)) == WEB


@pytest.mark.parametrize(
    ("volume", "name"),
    [("photos", "photos"), ("films/2026/new", "films"), (".hidden", "hidden"), ("_-.a", "a"), ("---", "volume")],
)
def test_a_user_volume_is_worked_on_by_its_first_component(volume: str, name: str) -> None:
    found = subject(VolumePath.user(volume))
    assert str(found) == f"user/{name}@volume"
    assert PackageId.parse(found.repository, found.name, found.version) == found  # as the journal reads it
