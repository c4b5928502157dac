"""Directories are found as from inside an image, and never outside of it."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townos.containers.rooted import opened_below


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside" / "site").mkdir(parents=True)
    (tmp_path / "root" / "srv" / "site").mkdir(parents=True)
    return tmp_path / "root"


def leads_to(root: Path, path: str, place: Path) -> bool:
    with opened_below(root, [name for name in path.split("/") if name]) as found:
        return os.path.samestat(os.fstat(found), place.stat())


def test_a_plain_directory_is_found(root: Path) -> None:
    assert leads_to(root, "/srv/site", root / "srv/site")
    assert leads_to(root, "/", root)


@pytest.mark.parametrize(
    "target", ["/srv/site", "srv/site", "../../../srv/site", "/../srv/./site//", "srv/../srv/site", "site", "/a"]
)
def test_a_link_is_followed_as_from_inside(root: Path, target: str) -> None:
    (root / "link").symlink_to(target)
    (root / "site").symlink_to("/srv/site")
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("site")
    assert leads_to(root, "/link", root / "srv/site")


@pytest.mark.parametrize("target", ["../outside", "/../outside", "{root}/../outside", "/proc/self/cwd"])
def test_a_link_never_leads_out(root: Path, target: str) -> None:
    (root / "link").symlink_to(target.format(root=root))
    with pytest.raises(FileNotFoundError), opened_below(root, ["link", "site"]):
        pytest.fail("it led out")


def test_a_path_that_is_no_directory_is_refused(root: Path) -> None:
    (root / "file").write_text("")
    for names in (["file"], ["file", "x"], ["file", ".."]):
        with pytest.raises(NotADirectoryError), opened_below(root, names):
            pytest.fail("it was opened")


def test_links_that_never_end_are_refused(root: Path) -> None:
    (root / "link").symlink_to("link")
    (root / "more").symlink_to("more/more/more")
    for name in ("link", "more"):
        with pytest.raises(OSError, match=os.strerror(errno.ELOOP)), opened_below(root, [name]):
            pytest.fail("it was opened")


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["..", "link", "srv", "site", "out", "up"]), max_size=12))
def test_every_path_ends_inside_the_root(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    root = tmp_path_factory.mktemp("image")
    (root / "srv" / "site").mkdir(parents=True)
    for link, target in (("link", "/srv"), ("srv/up", "../../.."), ("out", str(root.parent)), ("srv/site/link", "..")):
        (root / link).symlink_to(target)
    try:
        with opened_below(root, names) as found:
            place = Path(f"/proc/self/fd/{found}").readlink()
    except OSError:
        return
    assert place == root or root in place.parents
