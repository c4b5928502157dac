"""What is copied out of a snapshot is in all respects what is in it."""

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.stopping import never
from tests.support.trees import inside, look
from townos.errors import Invalid
from townos.posix.files import opened_directory
from townos.posix.tree_copy import TreeCopy
from townos.storage.exact_copy import ExactCopy

LONG_AGO = 10**9 * 1_000_000_000 + 123_456_789
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="owners are changed by root alone")


class Stopped(Exception):
    """The copy is to end."""


def age(path: Path) -> None:
    """Give things a moment that is not now, the deepest first."""
    for one in sorted([path, *path.rglob("*")], reverse=True):
        os.utime(one, ns=(LONG_AGO, LONG_AGO), follow_symlinks=False)


def copied(source: Path, target: Path, *parts: str, stop: Callable[[], None] = never) -> Path:
    target.mkdir(exist_ok=True)
    with opened_directory(source) as snapshot, opened_directory(target) as place:
        TreeCopy(place, ExactCopy(stop)).copy_path(snapshot, parts)
    return target.joinpath(*parts)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A directory with one of everything."""
    top = tmp_path / "snapshot"
    tree = top / "tree"
    (tree / "sub" / "empty").mkdir(parents=True)
    (tree / "file").write_bytes(os.urandom(100_000))
    (tree / "second name").hardlink_to(tree / "file")
    (tree / "sub" / "third name").hardlink_to(tree / "file")
    (tree / "program").write_text("#!/bin/sh\n")
    (tree / "program").chmod(0o4711)
    (tree / "sub").chmod(0o2770)
    (tree / "link").symlink_to("/etc/passwd")
    (tree / "loop").symlink_to("loop")
    (tree / os.fsdecode(b"no \xff text")).write_text("")
    with (tree / "sparse").open("wb") as file:
        file.truncate(1_000_000)
    os.mkfifo(tree / "fifo", 0o640)
    with socket.socket(socket.AF_UNIX) as listening, opened_directory(tree) as directory:
        listening.bind(f"/proc/self/fd/{directory}/socket")
    age(tree)
    return top


def test_a_tree_is_copied_with_all_its_attributes(source: Path, tmp_path: Path) -> None:
    target = copied(source, tmp_path / "target", "tree")
    assert inside(target) == inside(source / "tree")
    assert look(target) == look(source / "tree")


@needs_root
def test_owners_and_attributes_come_along(source: Path, tmp_path: Path) -> None:
    tree = source / "tree"
    for number, path in enumerate(sorted(tree.rglob("*"))):
        os.chown(path, 1_000 + number, 2_000 + number, follow_symlinks=False)
    (tree / "program").chmod(0o4711)
    os.setxattr(tree / "file", "trusted.note", b"\0\xff")
    os.setxattr(tree / "sub", "trusted.note", b"of a directory")
    os.mknod(tree / "device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    age(tree)
    assert inside(copied(source, tmp_path / "target", "tree")) == inside(tree)


@needs_root
def test_a_copy_inherits_nothing_from_its_new_place(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    acl = bytes.fromhex("0200000001000700ffffffff04000500ffffffff20000500ffffffff")
    os.setxattr(target, "system.posix_acl_default", acl)
    copied(source, target, "tree")
    assert inside(target / "tree") == inside(source / "tree")


@pytest.mark.parametrize("name", ["file", "link", "fifo", "socket", "sub"])
def test_a_single_thing_is_copied(source: Path, tmp_path: Path, name: str) -> None:
    with opened_directory(source) as snapshot, opened_directory(snapshot, ["tree"]) as above:
        target = tmp_path / "target"
        target.mkdir()
        with opened_directory(target) as place:
            TreeCopy(place, ExactCopy(never)).copy_path(above, [name])
    assert look(target / name) == look(source / "tree" / name)


def test_only_the_parents_of_a_copied_path_are_made(source: Path, tmp_path: Path) -> None:
    copied(source, tmp_path / "target", "tree", "sub", "third name")
    target, tree = tmp_path / "target" / "tree", source / "tree"
    assert [str(path.relative_to(target)) for path in target.rglob("*")] == ["sub", "sub/third name"]
    for inner in ("", "sub", "sub/third name"):
        assert look(target / inner) == look(tree / inner)


def test_a_link_in_the_place_of_the_target_is_not_followed(source: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "tree").symlink_to(outside)
    with pytest.raises(FileExistsError):
        copied(source, tmp_path / "target", "tree")
    assert list(outside.iterdir()) == []


def test_a_too_deep_tree_is_refused_with_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townos.storage.exact_copy.RESTORE_DEPTH_MAX", 3)
    (tmp_path / "snapshot" / "a" / "b" / "c").mkdir(parents=True)
    copied(tmp_path / "snapshot", tmp_path / "one", "a")
    (tmp_path / "snapshot" / "a" / "b" / "c" / "d").mkdir()
    with pytest.raises(Invalid, match="more than 3 levels") as caught:
        copied(tmp_path / "snapshot", tmp_path / "two", "a")
    assert [field.name for field in caught.value.fields] == ["path"]


def test_content_is_copied_between_file_systems_with_its_holes(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    with (source / "tree" / "sparse").open("r+b") as file:
        file.seek(500_000)
        file.write(os.urandom(10_000))
    age(source / "tree")
    monkeypatch.setattr(os, "copy_file_range", refuse)
    target = copied(source, tmp_path / "target", "tree")
    assert inside(target) == inside(source / "tree")
    blocks = [(tree / "sparse").stat().st_blocks for tree in (source / "tree", target)]
    assert blocks[0] == blocks[1]


def test_a_copy_can_be_stopped_at_each_entry(source: Path, tmp_path: Path) -> None:
    calls = iter(range(4))

    def stop() -> None:
        if next(calls, None) is None:
            raise Stopped

    with pytest.raises(Stopped):
        copied(source, tmp_path / "target", "tree", stop=stop)
