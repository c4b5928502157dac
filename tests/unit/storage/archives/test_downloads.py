"""Downloading volumes over HTTP."""

import io
import tarfile

import pytest

from tests.support.archive_appliance import DATA, NGINX, PHOTOS, ArchiveAppliance
from tests.support.http import ADMIN, USER
from townos.posix.process import ProcessFailed
from townos.storage.archives import downloads, formats
from townos.storage.archives.downloads import Download
from townos.storage.archives.formats import ArchiveFormat
from townos.systemd.manager import JobFailed


@pytest.fixture(params=["parallel", "everywhere"])
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first of the programs that may be there, or the last."""
    if request.param == "everywhere":
        chosen = {kind: all_of_them[-1:] for kind, all_of_them in formats._COMPRESSORS.items()}
        monkeypatch.setattr(formats, "_COMPRESSORS", chosen)


def add_album(appliance: ArchiveAppliance) -> None:
    album = appliance.volumes.location(PHOTOS) / "album"
    (album / "deep").mkdir(parents=True)
    (album / "deep" / "a.jpg").write_bytes(b"a" * 100_000)
    (album / "-b.jpg").write_bytes(b"b")
    (album / "link").symlink_to("deep/a.jpg")
    (album / "out").symlink_to("/etc")


def unpacked(body: bytes) -> dict[str, bytes | str | None]:
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        found: dict[str, bytes | str | None] = {}
        for one in archive:
            file = archive.extractfile(one) if one.isfile() else None
            found[one.name.removeprefix("./")] = file.read() if file else one.linkname or None
        return found


@pytest.mark.conformance("ARC-05")
@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    ("wanted", "media_type", "begins"),
    [
        ("tar.gz", "application/gzip", b"\x1f\x8b"),
        ("tar.bz2", "application/x-bzip2", b"BZh"),
        ("tar.xz", "application/x-xz", b"\xfd7zXZ\0"),
    ],
)
async def test_a_volume_is_packed_in_three_formats(
    wanted: str, media_type: str, begins: bytes, appliance: ArchiveAppliance
) -> None:
    add_album(appliance)
    answer = await appliance.download(format=wanted, filename="photos")
    assert (answer.status, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["content-disposition"] == f"attachment; filename=photos.{wanted}"
    assert answer.body.startswith(begins)
    assert unpacked(answer.body) == {
        ".": None, "old.jpg": b"old", "album": None, "album/deep": None, "album/deep/a.jpg": b"a" * 100_000,
        "album/-b.jpg": b"b", "album/link": "deep/a.jpg", "album/out": "/etc",
    }  # fmt: skip


@pytest.mark.conformance("ARC-05")
async def test_a_download_without_parameters_has_the_whole_volume_as_gzip(appliance: ArchiveAppliance) -> None:
    answer = await appliance.download()
    assert answer.headers["content-disposition"] == "attachment; filename=download.tar.gz"
    assert set(unpacked(answer.body)) == {".", "old.jpg"}


@pytest.mark.conformance("ARC-05")
async def test_only_requested_paths_are_packed(appliance: ArchiveAppliance) -> None:
    add_album(appliance)
    (appliance.volumes.location(PHOTOS) / "dangling").symlink_to("nowhere")
    answer = await appliance.download(paths=["album/deep/", "./album/link", "old.jpg", "dangling"])
    assert set(unpacked(answer.body)) == {"album/deep", "album/deep/a.jpg", "album/link", "old.jpg", "dangling"}


@pytest.mark.conformance("ARC-05")
@pytest.mark.parametrize("path", ["-rf", "--checkpoint-action=exec=sh", "../x", "a/../../x", "/etc", "", ".", "a/.."])
async def test_paths_that_are_options_or_lead_out_are_refused(path: str, appliance: ArchiveAppliance) -> None:
    answer = await appliance.download(paths=["old.jpg", path])
    assert answer.status == 400
    assert answer.json["validation_errors"][0]["name"] == "paths[1]"


@pytest.mark.parametrize("path", ["missing", "album/out/passwd", "old.jpg/x"])
async def test_a_missing_path_and_the_target_of_a_link_are_not_found(path: str, appliance: ArchiveAppliance) -> None:
    add_album(appliance)
    answer = await appliance.download(paths=[path])
    assert (answer.status, path in answer.detail) == (404, True)


@pytest.mark.parametrize(
    ("body", "status", "detail", "field"),
    [
        ({"subvolume": ""}, 400, "subvolume field is required", "subvolume"),
        ({"subvolume": "installed/core/x"}, 422, "invalid filesystem name", "subvolume"),
        ({"subvolume": "vm-images"}, 422, "reserved", "subvolume"),
        ({"subvolume": "nothing"}, 404, "not found", None),
        ({"format": "zip"}, 400, "unsupported download format: zip", "format"),
        ({"stop_service": "x"}, 400, "not a valid service name", "stop_service"),
        ({"stop_service": "ssh.service"}, 403, "not a service of this appliance", "stop_service"),
        ({"stop_service": "town-os-package--a-b-1.service"}, 404, "no such unit", None),
        ({"paths": ["x"] * 1_001}, 400, "at most 1000 paths", "paths"),
    ],
)  # fmt: skip
async def test_wrong_fields_are_named(
    body: dict[str, object], status: int, detail: str, field: str | None, appliance: ArchiveAppliance
) -> None:
    answer = await appliance.download(**body)
    assert (answer.status, detail in answer.detail) == (status, True)
    assert [error["name"] for error in answer.json.get("validation_errors", [])] == ([field] if field else [])


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("two words", "attachment; filename=\"two words.tar.gz\"; filename*=UTF-8''two%20words.tar.gz"),
        ("Fötos", "attachment; filename=\"F_tos.tar.gz\"; filename*=UTF-8''F%C3%B6tos.tar.gz"),
        (
            'a"; filename=b',
            "attachment; filename=\"a_; filename=b.tar.gz\"; filename*=UTF-8''a%22%3B%20filename%3Db.tar.gz",
        ),
    ],
)
async def test_names_that_a_header_cannot_hold_are_told_in_two_ways(
    filename: str, disposition: str, appliance: ArchiveAppliance
) -> None:
    assert (await appliance.download(filename=filename)).headers["content-disposition"] == disposition


@pytest.mark.conformance("ARC-05")
async def test_a_service_stops_until_the_moment_is_held_and_not_for_the_whole_download(
    appliance: ArchiveAppliance,
) -> None:
    download = Download(DATA, ArchiveFormat.GZIP, service=NGINX.unit)
    async with appliance.downloads.open(download) as pieces:
        assert appliance.systemd.changes_of(NGINX.unit) == ["stop", "start"]
        (appliance.volumes.location(DATA) / "index.html").write_bytes(b"changed")
        body = b"".join([piece async for piece in pieces])
    assert unpacked(body)["index.html"] == b"hello"


async def test_a_service_that_cannot_be_stopped_is_told_and_started_again(appliance: ArchiveAppliance) -> None:
    appliance.systemd.failures["stop"].append(JobFailed(NGINX.unit, "timeout"))
    answer = await appliance.download(subvolume=str(DATA), stop_service=str(NGINX.unit))
    assert answer.status >= 400
    assert appliance.systemd.is_running(NGINX.unit)


async def test_a_reader_that_leaves_leaves_nothing_behind(appliance: ArchiveAppliance) -> None:
    (appliance.volumes.location(PHOTOS) / "large").write_bytes(bytes(20_000_000))
    async with appliance.downloads.open(Download(PHOTOS, ArchiveFormat.GZIP)) as pieces:
        assert await anext(pieces)
    assert not [
        path for path in appliance.volumes.location(PHOTOS).parent.parent.iterdir() if path.name.startswith(".")
    ]


async def test_a_packing_that_fails_is_no_whole_archive(
    appliance: ArchiveAppliance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "compressor", lambda _: ("false",))
    async with appliance.downloads.open(Download(PHOTOS, ArchiveFormat.GZIP)) as pieces:
        with pytest.raises(ProcessFailed):
            [piece async for piece in pieces]


async def test_only_administrators_download_and_it_is_audited(appliance: ArchiveAppliance) -> None:
    body = {"subvolume": "photos"}
    assert (await appliance.client.post("/storage/download-archive", body, USER)).status == 403
    assert (await appliance.client.post("/storage/download-archive", body, ADMIN)).status == 200
    assert [(entry.action, entry.success) for entry in appliance.client.audit] == [
        ("download archive", False),
        ("download archive", True),
    ]
