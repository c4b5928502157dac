"""One path of a volume becomes what it is in a snapshot, wherever that is interrupted; nothing else changes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.stopping import never
from tests.support.trees import inside
from townos.errors import Conflict
from townos.names import InnerPath
from townos.storage.history.path_swap import PathSwap

ROOM = ".town-os-restore"


def fill(top: Path, **files: str) -> Path:
    """Write files; two underscores in a name are a slash."""
    for name, text in files.items():
        path = top / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return top


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    return fill(tmp_path / "snapshot", a__b__c="old", a__b__d="old", a__e="old", f="old")


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    return fill(tmp_path / "volume", a__b__c="new", a__b__x="new", a__y="new", f="new", z="new")


def content(top: Path) -> dict[str, str]:
    return {str(path.relative_to(top)): path.read_text() for path in top.rglob("*") if path.is_file()}


def restored(volume: Path, snapshot: Path, path: str) -> dict[str, str]:
    swapping = PathSwap(volume, InnerPath.parse(path))
    for _ in range(2):  # each call may come again after a crash
        swapping.prepare(snapshot, never)
    for _ in range(2):
        swapping.swap()
    for _ in range(2):
        swapping.clear(never)
    assert not (volume / ROOM).exists()
    return content(volume)


def test_a_file_is_restored(volume: Path, snapshot: Path) -> None:
    assert restored(volume, snapshot, "f") == {"a/b/c": "new", "a/b/x": "new", "a/y": "new", "f": "old", "z": "new"}


def test_a_directory_is_restored_exactly(volume: Path, snapshot: Path) -> None:
    found = restored(volume, snapshot, "a/b")
    assert found == {"a/b/c": "old", "a/b/d": "old", "a/y": "new", "f": "new", "z": "new"}


def test_a_missing_path_is_restored_with_its_parent_directories(volume: Path, snapshot: Path) -> None:
    (snapshot / "a").chmod(0o711)
    (volume / "a").rename(volume / "b")
    found = restored(volume, snapshot, "a/b/d")
    assert found == {"b/b/c": "new", "b/b/x": "new", "b/y": "new", "a/b/d": "old", "f": "new", "z": "new"}
    before, after = inside(snapshot), inside(volume)
    assert after["a"] == before["a"]
    assert after["a/b"] == before["a/b"]


def test_things_of_another_kind_are_replaced(volume: Path, snapshot: Path) -> None:
    (volume / "f").unlink()
    fill(volume, f__g="new")
    assert restored(volume, snapshot, "f")["f"] == "old"
    (snapshot / "f").unlink()
    (snapshot / "f").symlink_to("/etc/passwd")
    restored(volume, snapshot, "f")
    assert (volume / "f").readlink() == Path("/etc/passwd")


@pytest.mark.parametrize(("path", "file"), [("f", "f"), ("a/b", "a/b/c"), ("a/gone/d", "a/gone/d")])
def test_a_rolled_back_restore_changes_nothing(volume: Path, snapshot: Path, path: str, file: str) -> None:
    fill(snapshot, a__gone__d="old")
    before = inside(volume)
    swapping = PathSwap(volume, InnerPath.parse(path))
    swapping.prepare(snapshot, never)
    swapping.swap()
    assert content(volume)[file] == "old"
    for _ in range(2):
        swapping.swap_back()
    swapping.clear(never)
    after = inside(volume)
    assert after.keys() == before.keys()
    after = {**after, "a": before["a"]}  # a directory notes when a name in it changed
    assert after == before


def test_a_rollback_without_a_restore_changes_nothing(volume: Path, snapshot: Path) -> None:
    before = inside(volume)
    swapping = PathSwap(volume, InnerPath.parse("f"))
    swapping.swap_back()
    swapping.prepare(snapshot, never)
    swapping.swap_back()
    swapping.clear(never)
    assert inside(volume) == before


def test_a_copy_that_is_not_whole_is_not_put_to_its_place(volume: Path, snapshot: Path) -> None:
    class Stopped(Exception):
        pass

    calls = iter(range(3))

    def stop() -> None:
        if next(calls, None) is None:
            raise Stopped

    swapping = PathSwap(volume, InnerPath.parse("a"))
    with pytest.raises(Stopped):
        swapping.prepare(snapshot, stop)
    with pytest.raises(Conflict):
        swapping.swap()
    assert content(volume)["a/b/c"] == "new"
    assert restored(volume, snapshot, "a")["a/b/c"] == "old"


@pytest.mark.parametrize("way", ["link", "file"])
def test_a_directory_that_is_something_else_by_now_is_told(
    volume: Path, snapshot: Path, way: str, tmp_path: Path
) -> None:
    outside = fill(tmp_path / "outside", c="precious")
    (volume / "a" / "b").rename(volume / "away")
    (volume / "a" / "b").symlink_to(outside) if way == "link" else fill(volume, a__b="new")
    with pytest.raises(Conflict, match='"a/b" is no longer a directory') as caught:
        PathSwap(volume, InnerPath.parse("a/b/c")).prepare(snapshot, never)
    assert [field.name for field in caught.value.fields] == ["path"]
    assert content(outside) == {"c": "precious"}


def link(path: Path, target: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(target)


def lie(volume: Path, _: Path) -> None:
    for name in ("0-1", "99-1", "-", "1-x", "\u0663-\u0663"):
        (volume / ROOM / name).mkdir(exist_ok=True)


TRICKS: dict[str, Callable[[Path, Path], object]] = {
    "the room leads out": lambda volume, outside: link(volume / ROOM, outside),
    "the copy leads out": lambda volume, outside: link(volume / ROOM / "copy", outside),
    "the room is gone": lambda volume, _: (volume / ROOM).rename(volume / "taken"),
    "the copy is gone": lambda volume, _: (volume / ROOM / "copy").rename(volume / "taken"),
    "the place leads out": lambda volume, outside: link(volume / "a" / "b", outside),
    "the way leads out": lambda volume, outside: link(volume / "a", outside),
    "the marker lies": lie,
    "the copy is a link": lambda volume, outside: link(volume / ROOM / "copy" / "b", outside),
}


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("back", [False, True])
def test_an_application_cannot_lead_a_restore_out_of_its_volume(
    volume: Path, snapshot: Path, trick: str, back: bool, tmp_path: Path
) -> None:
    outside = fill(tmp_path / "outside", c="precious", b__c="precious", copy__b="precious")
    before = inside(outside)
    swapping = PathSwap(volume, InnerPath.parse("a/b"))
    swapping.prepare(snapshot, never)
    if back:
        swapping.swap()
    TRICKS[trick](volume, outside)
    for call in (swapping.swap_back, swapping.swap, swapping.swap_back, lambda: swapping.clear(never)):
        try:
            call()
        except (Conflict, OSError):
            continue
    assert inside(outside) == before
    assert "a/b/c" in inside(snapshot)


def test_leftovers_of_an_earlier_attempt_are_swept(volume: Path, snapshot: Path) -> None:
    fill(volume, **{f"{ROOM}__copy__f": "half", f"{ROOM}__0-1": "half"})
    assert restored(volume, snapshot, "f")["f"] == "old"


def test_a_file_that_a_program_has_open_is_replaced_in_one_step(volume: Path, snapshot: Path) -> None:
    with (volume / "f").open() as open_before:
        restored(volume, snapshot, "f")
        assert open_before.read() == "new"
        assert os.fstat(open_before.fileno()).st_nlink == 0
