"""Which subjects of operations volumes are."""

import pytest

from townos.installations.subjects import subject_of
from townos.names import PackageId, VolumeName
from townos.operations import Subject
from townos.storage.paths import VolumePath
from townos.storage.subjects import subject

WEB = PackageId.parse("core", "web", "1.0")
DATA = VolumeName.parse("data")


def test_a_package_volume_has_the_subject_of_its_package() -> None:
    assert subject(VolumePath.installed(WEB, DATA)) == subject_of(WEB)
    assert subject(VolumePath.uninstalled(WEB, DATA)) == subject_of(WEB)


@pytest.mark.parametrize(
    ("volume", "name"),
    [("photos", "photos"), ("films/2026/new", "films"), (".hidden", ".hidden"), ("---", "---")],
)
def test_a_user_volume_has_its_first_component_as_subject(volume: str, name: str) -> None:
    assert subject(VolumePath.user(volume)) == Subject("user", name, "volume")
