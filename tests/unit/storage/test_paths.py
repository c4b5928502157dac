"""Volume paths are the one gate to the disk."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.names import PackageId, VolumeName
from townos.storage.paths import ROOTS, Area, VolumePath

NGINX = PackageId.parse("core", "nginx", "1.0")


@pytest.mark.conformance("STO-07")
def test_user_volumes_live_under_user() -> None:
    assert str(VolumePath.user("photos")) == "user/photos"
    assert str(VolumePath.user("photos/2026")) == "user/photos/2026"


@pytest.mark.conformance("STO-08")
def test_package_volumes_live_under_installed_and_uninstalled() -> None:
    data = VolumeName.parse("data")
    assert str(VolumePath.installed(NGINX, data)) == "installed/core/nginx/1.0/data"
    assert str(VolumePath.uninstalled(NGINX, data)) == "uninstalled/core/nginx/1.0/data"
    assert VolumePath.package_volume("installed/core/nginx/1.0/data") == VolumePath.installed(NGINX, data)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "/etc",
        "..",
        ".",
        "a/..",
        "a/../b",
        "../a",
        "a//b",
        "a/",
        "a b",
        "a\n",
        "a\0b",
        "é",
        "a" * 129,
        "a/" * 20 + "a",
    ],
)
def test_names_that_leave_their_place_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        VolumePath.user(name)


@pytest.mark.conformance("STO-10")
@pytest.mark.parametrize("name", [*ROOTS, *(f"{root}/x" for root in ROOTS)])
def test_root_names_are_reserved(name: str) -> None:
    with pytest.raises(Invalid, match="cannot modify reserved filesystem"):
        VolumePath.user(name)


@pytest.mark.parametrize(
    "name",
    ["installed", "installed/a/b/c", "installed/a/b/c/d/e", "installed/a/../c/d", "user/a/b/c/d", "data/a/b/c/d"],
)
def test_only_whole_internal_names_are_package_volumes(name: str) -> None:
    with pytest.raises(Invalid):
        VolumePath.package_volume(name)


@given(st.text(alphabet="ab./-_ \0\n", max_size=12))
def test_an_accepted_name_stays_below_its_root(name: str) -> None:
    try:
        path = VolumePath.user(name)
    except Invalid:
        return
    assert PurePosixPath("/town-os", str(path)) == PurePosixPath("/town-os/user") / name
    assert ".." not in PurePosixPath(str(path)).parts
    assert path.area is Area.USER
    assert VolumePath.found(path.parts) == path
