"""Records of installations: exact files, safe to repeat, and never through symlinks."""

import errno
import json
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import trio

from townos.errors import Conflict, Internal, NotFound
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.posix.files import TEMPORARY

WEB = PackageId.parse("core", "web", "1.0")
OTHERS = [PackageId.parse(*parts) for parts in (("a", "z", "1"), ("core", "db", "2"), ("core", "web", "1.0"))]
ANSWERS = {"port": "8080", "name": "ä\\"}


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path)


def manifest(base: Path, content: str = "image: nginx") -> tuple[Path, str]:
    """Write a manifest; return it and its digest."""
    path = base / "core" / "packages" / "web" / "1.0.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(content)
    return path, sha256(content.encode()).hexdigest()


def failing(number: int) -> Callable[..., int]:
    """Return a function that fails as a system call does."""

    def fail(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    return fail


def files(base: Path) -> set[str]:
    return {str(path.relative_to(base)) for path in base.rglob("*") if "packages" not in path.parts and path.is_file()}


@pytest.mark.conformance("INST-02", "INST-03", "RSP-01")
async def test_an_installation_is_a_hard_link_and_its_answers(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, ANSWERS)
    await records.save_last_answers(WEB, {"old": "1"})
    assert files(tmp_path) == {
        "installed/core/web/1.0.yaml",
        "responses/core/web/1.0.json",
        "responses/last/core/web.json",
    }
    assert (tmp_path / "installed/core/web/1.0.yaml").samefile(path)
    answers = tmp_path / "responses/core/web/1.0.json"
    assert json.loads(answers.read_text()) == ANSWERS
    assert stat.S_IMODE(answers.stat().st_mode) == 0o600
    assert await records.manifest(WEB) == b"image: nginx"
    assert await records.answers(WEB) == ANSWERS
    assert await records.last_answers(WEB.repository, WEB.name) == {"old": "1"}


async def test_saving_twice_is_saving_once(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, {})
    await records.save(WEB, path, digest, ANSWERS)
    assert await records.answers(WEB) == ANSWERS


async def test_an_installed_manifest_outlives_its_repository(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, {})
    path.unlink()
    await records.save(WEB, path, digest, ANSWERS)
    assert await records.manifest(WEB) == b"image: nginx"


@pytest.mark.conformance("INST-22")
async def test_another_file_in_the_repository_is_a_change(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, {})
    assert await records.changed({WEB: path}) == set()
    path, _ = manifest(tmp_path)
    assert await records.changed({WEB: path}) == {WEB}
    path.unlink()
    assert await records.changed({WEB: path}) == {WEB}


async def test_a_replaced_manifest_is_kept_until_the_operation_has_ended(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, ANSWERS)
    for content in ("image: busybox", "image: nginx"):
        path, digest = manifest(tmp_path, content)
        await records.save(WEB, path, digest, {"new": "1"})
        await records.save(WEB, path, digest, {"new": "1"})
        assert await records.manifest(WEB) == content.encode()
        assert await records.installed() == [WEB]
        await records.restore(WEB, ANSWERS)
        await records.restore(WEB, ANSWERS)
        assert await records.manifest(WEB) == b"image: nginx"
        assert await records.answers(WEB) == ANSWERS
    await records.save(WEB, path, digest, {})
    await records.drop_replaced_manifest(WEB)
    await records.drop_replaced_manifest(WEB)
    await records.restore(WEB, {})
    assert await records.changed({WEB: path}) == set()
    assert files(tmp_path) == {"installed/core/web/1.0.yaml", "responses/core/web/1.0.json"}


async def test_a_removal_deletes_records_put_aside(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, {})
    path, digest = manifest(tmp_path, "image: busybox")
    await records.save(WEB, path, digest, {})
    await records.remove(WEB)
    assert files(tmp_path) == set()


async def test_only_the_manifest_that_was_planned_with_is_recorded(records: Records, tmp_path: Path) -> None:
    path, _ = manifest(tmp_path)
    with pytest.raises(Conflict, match="changed"):
        await records.save(WEB, path, sha256(b"other").hexdigest(), {})
    with pytest.raises(Conflict, match="no longer"):
        await records.save(OTHERS[1], tmp_path / "gone", sha256(b"").hexdigest(), {})


async def test_a_manifest_that_is_a_symlink_is_not_recorded(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    link = path.with_name("link.yaml")
    link.symlink_to(path)
    with pytest.raises(Conflict):
        await records.save(WEB, link, digest, {})
    assert await records.installed() == []


async def test_a_refused_record_is_removed_like_any_other(records: Records, tmp_path: Path) -> None:
    path, _ = manifest(tmp_path)
    with pytest.raises(Conflict):
        await records.save(WEB, path, "", ANSWERS)
    await records.remove(WEB)
    assert files(tmp_path) == set()


async def test_the_list_is_sorted_and_counts_regular_files_only(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    for package in reversed(OTHERS):
        await records.save(package, path, digest, {})
    directory = tmp_path / "installed/core/web"
    (directory / "2.0.yaml").symlink_to(path)
    (directory / "3.0.yaml").mkdir()
    (directory / "disabled").touch()
    (directory / "notes.txt").touch()
    (directory / f"{TEMPORARY}abc.yaml").touch()
    (tmp_path / "installed/elsewhere").symlink_to(tmp_path / "installed/core")
    assert await records.installed() == OTHERS
    assert await records.versions(WEB.repository, WEB.name) == [WEB.version]


async def test_no_package_is_installed_at_first(records: Records) -> None:
    assert await records.installed() == []
    assert await records.answers(WEB) == {}
    assert await records.last_answers(WEB.repository, WEB.name) == {}
    assert not await records.disabled(WEB.repository, WEB.name)
    with pytest.raises(NotFound):
        await records.manifest(WEB)


async def test_removing_takes_the_marker_and_empty_directories_but_not_last_answers(
    records: Records, tmp_path: Path
) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, ANSWERS)
    await records.save(OTHERS[0], path, digest, ANSWERS)
    await records.save_last_answers(WEB, ANSWERS)
    (tmp_path / "installed/core/web/disabled").touch()
    assert await records.disabled(WEB.repository, WEB.name)
    for _ in range(2):
        await records.remove(WEB)
        assert files(tmp_path) == {
            "installed/a/z/1.yaml",
            "responses/a/z/1.json",
            "responses/last/core/web.json",
        }
    assert not (tmp_path / "installed/core").exists()
    assert not (tmp_path / "responses/core").exists()


async def test_the_marker_of_a_package_stays_while_another_version_is_there(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, {})
    await records.save(PackageId.parse("core", "web", "2.0"), path, digest, {})
    (tmp_path / "installed/core/web/disabled").touch()
    await records.remove(WEB)
    assert await records.disabled(WEB.repository, WEB.name)


@pytest.mark.conformance("RSP-04")
async def test_last_answers_can_be_cleared_again_and_again(records: Records, tmp_path: Path) -> None:
    await records.save_last_answers(WEB, ANSWERS)
    for _ in range(2):
        await records.clear_last_answers(WEB.repository, WEB.name)
        assert files(tmp_path) == set()


async def test_damaged_answers_are_told_by_their_file(records: Records, tmp_path: Path) -> None:
    path, digest = manifest(tmp_path)
    await records.save(WEB, path, digest, {})
    (tmp_path / "responses/core/web/1.0.json").write_text('{"port": 8080}')
    with pytest.raises(Internal, match=r"1\.0\.json"):
        await records.answers(WEB)


@pytest.mark.conformance("HOLE-02")
@pytest.mark.parametrize("linked", ["installed/core", "installed/core/web", "responses/core", "responses/last/core"])
async def test_no_record_is_used_through_a_symlink(records: Records, tmp_path: Path, linked: str) -> None:
    path, digest = manifest(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    place = tmp_path / linked
    place.parent.mkdir(parents=True)
    place.symlink_to(outside)
    save = records.save_last_answers(WEB, ANSWERS) if "last" in linked else records.save(WEB, path, digest, ANSWERS)
    with pytest.raises(Conflict, match="symbolic link"):
        await save
    assert list(outside.iterdir()) == []
    assert await records.installed() == []


async def test_a_package_is_disabled_until_it_is_enabled_or_removed(records: Records, tmp_path: Path) -> None:
    await records.save(WEB, *manifest(tmp_path), ANSWERS)
    for _ in range(2):
        await records.disable(WEB.repository, WEB.name)
        assert await records.disabled(WEB.repository, WEB.name)
    for _ in range(2):
        await records.enable(WEB.repository, WEB.name)
        assert not await records.disabled(WEB.repository, WEB.name)
    await records.disable(WEB.repository, WEB.name)
    await records.remove(WEB)
    assert not await records.disabled(WEB.repository, WEB.name)


async def test_only_an_installed_package_can_be_disabled(records: Records, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await records.disable(WEB.repository, WEB.name)
    assert files(tmp_path) == set()
    await records.enable(WEB.repository, WEB.name)


async def test_a_disk_that_cannot_be_read_is_not_a_missing_package(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await records.save(WEB, *manifest(tmp_path), ANSWERS)
    monkeypatch.setattr(os, "open", failing(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        await records.manifest(WEB)


async def test_a_read_that_hangs_is_left_behind_by_who_gives_up(records: Records, tmp_path: Path) -> None:
    answers = tmp_path / "responses" / "core" / "web" / "1.0.json"
    answers.parent.mkdir(parents=True)
    os.mkfifo(answers)
    with trio.move_on_after(0.01) as scope:
        await records.answers(WEB)
    assert scope.cancelled_caught
    with answers.open("wb") as file:  # lets the thread go on
        file.write(b"{}")
