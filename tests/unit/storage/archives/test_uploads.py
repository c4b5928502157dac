"""Uploading archives over HTTP."""

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
import trio

from tests.support.archive_appliance import BOUNDARY, DATA, FORM, NGINX, PHOTOS, ArchiveAppliance, form
from tests.support.archives import COMPRESSED, member, packed, symlink
from tests.support.http import ADMIN, USER, Answer
from townos.errors import Conflict, Internal
from townos.storage.archives.uploads import Upload
from townos.storage.volumes import DiskUsage
from townos.systemd.manager import JobFailed

ME = (os.getuid(), os.getgid())
STREAM = packed(member("new.jpg", b"new", owner=ME), member("album/old.jpg", b"older", owner=ME))
UPLOAD = "/storage/upload-archive"


def refused(answer: Answer, status: int, detail: str, field: str | None = "archive") -> None:
    assert (answer.status, detail in answer.detail) == (status, True), answer.body
    assert [error["name"] for error in answer.json.get("validation_errors", [])] == ([field] if field else [])


@pytest.mark.conformance("ARC-03")
@pytest.mark.parametrize("name", COMPRESSED)
async def test_an_archive_is_unpacked_into_a_volume(name: str, appliance: ArchiveAppliance) -> None:
    answer = await appliance.upload(COMPRESSED[name](STREAM), name)
    assert (answer.status, answer.json) == (200, {"needs_restart": True, "message": "archive unpacked successfully"})
    assert appliance.files() == {"old.jpg": b"old", "new.jpg": b"new", "album/old.jpg": b"older"}


@pytest.mark.conformance("ARC-03")
async def test_a_package_volume_is_named_in_full_and_a_user_volume_may_be(appliance: ArchiveAppliance) -> None:
    assert (await appliance.upload(STREAM, subvolume=str(DATA))).status == 200
    assert (await appliance.upload(STREAM, subvolume="user/photos")).status == 200
    assert appliance.files(DATA)["new.jpg"] == appliance.files(PHOTOS)["new.jpg"] == b"new"


@pytest.mark.conformance("ARC-03")
async def test_a_subpath_is_made_on_demand(appliance: ArchiveAppliance) -> None:
    assert (await appliance.upload(STREAM, subpath="2026/11")).status == 200
    assert (await appliance.upload(packed(member("x", b"x", owner=ME)), subpath="2026")).status == 200
    assert appliance.files() == {
        "old.jpg": b"old",
        "2026/11/new.jpg": b"new",
        "2026/11/album/old.jpg": b"older",
        "2026/x": b"x",
    }


async def test_links_below_a_subpath_may_lead_to_the_volume_but_not_out_of_it(appliance: ArchiveAppliance) -> None:
    assert (await appliance.upload(packed(symlink("up", "../old.jpg")), subpath="links")).status == 200
    refused(
        await appliance.upload(packed(symlink("up", "../../old.jpg")), subpath="links"), 422, "leads out of the volume"
    )


@pytest.mark.conformance("ARC-03")
async def test_a_service_stops_for_the_upload_and_starts_again(appliance: ArchiveAppliance) -> None:
    assert (await appliance.upload(STREAM, subvolume=str(DATA), stop_service=NGINX.unit)).status == 200
    assert appliance.systemd.changes_of(NGINX.unit) == ["stop", "start"]
    assert appliance.systemd.is_running(NGINX.unit)


async def test_a_service_that_did_not_run_is_not_started(appliance: ArchiveAppliance) -> None:
    await appliance.systemd.stop(NGINX.unit)
    appliance.systemd.calls.clear()
    assert (await appliance.upload(STREAM, subvolume=str(DATA), stop_service=NGINX.unit)).status == 200
    assert appliance.systemd.changes_of(NGINX.unit) == []


async def test_a_refused_archive_does_not_even_stop_the_service(appliance: ArchiveAppliance) -> None:
    answer = await appliance.upload(packed(member("../x")), subvolume=str(DATA), stop_service=NGINX.unit)
    refused(answer, 422, "two dots")
    assert appliance.systemd.changes_of(NGINX.unit) == []


async def test_an_obstacle_is_told_before_the_service_stops(appliance: ArchiveAppliance) -> None:
    (appliance.volumes.location(DATA) / "album").write_bytes(b"in the way")
    answer = await appliance.upload(STREAM, subvolume=str(DATA), stop_service=NGINX.unit)
    refused(answer, 409, '"album" is a directory')
    assert appliance.systemd.changes_of(NGINX.unit) == []
    assert appliance.files(DATA) == {"index.html": b"hello", "album": b"in the way"}


async def test_a_service_starts_again_after_a_failure(appliance: ArchiveAppliance) -> None:
    appliance.volumes.failures["snapshot"].append(Internal("http.internal"))
    answer = await appliance.upload(STREAM, subvolume=str(DATA), stop_service=NGINX.unit)
    refused(answer, 422, "snapshot failed", None)
    assert appliance.systemd.changes_of(NGINX.unit) == ["stop", "start"]
    assert appliance.files(DATA) == {"index.html": b"hello"}


async def test_an_archive_that_its_service_does_not_start_with_is_rolled_back(appliance: ArchiveAppliance) -> None:
    appliance.systemd.failures["start"].append(JobFailed(NGINX.unit, "failed"))
    answer = await appliance.upload(STREAM, subvolume=str(DATA), stop_service=NGINX.unit)
    refused(answer, 422, "start failed", None)
    assert appliance.files(DATA) == {"index.html": b"hello"}
    assert appliance.systemd.is_running(NGINX.unit)
    assert appliance.staged() == []


async def test_a_service_that_does_not_stop_is_started_and_nothing_is_changed(appliance: ArchiveAppliance) -> None:
    appliance.systemd.failures["stop"].append(JobFailed(NGINX.unit, "timeout"))
    answer = await appliance.upload(STREAM, subvolume=str(DATA), stop_service=NGINX.unit)
    assert answer.status >= 400
    assert appliance.systemd.is_running(NGINX.unit)
    assert appliance.files(DATA) == {"index.html": b"hello"}


async def test_each_upload_keeps_a_snapshot_up_to_a_limit(appliance: ArchiveAppliance) -> None:
    for number in range(3):
        appliance.clock.advance(1)
        assert (await appliance.upload(packed(member("n", str(number).encode(), owner=ME)))).status == 200
    snapshots = await appliance.volumes.snapshots(PHOTOS)
    assert [snapshot.id.reason for snapshot in snapshots] == ["upload", "upload"]
    await appliance.volumes.restore(PHOTOS, snapshots[0].id, 0)
    assert appliance.files() == {"old.jpg": b"old", "n": b"1"}


@pytest.mark.parametrize(
    ("fields", "status", "detail", "field"),
    [
        ({"subvolume": ""}, 400, "subvolume field is required", "subvolume"),
        ({"subvolume": "../etc"}, 422, "invalid filesystem name", "subvolume"),
        ({"subvolume": "archives"}, 422, "reserved", "subvolume"),
        ({"subvolume": "pages/site"}, 422, "reserved", "subvolume"),
        ({"subvolume": "installed/core"}, 422, "invalid filesystem name", "subvolume"),
        ({"subvolume": "nothing"}, 404, "not found", None),
        ({"subpath": "../x"}, 422, "", "subpath"),
        ({"subpath": "/x"}, 422, "", "subpath"),
        ({"stop_service": "nginx"}, 400, "not a valid service name", "stop_service"),
        ({"stop_service": "../x.service"}, 400, "not a valid service name", "stop_service"),
        ({"stop_service": "ssh.service"}, 403, "not a service of this appliance", "stop_service"),
        ({"stop_service": "town-os-package--a-b-1.service"}, 404, "no such unit", None),
        ({"stop_service": "town-os-systemcontroller.service"}, 403, "not a service", "stop_service"),
    ],
)  # fmt: skip
async def test_wrong_fields_are_named(
    fields: dict[str, str], status: int, detail: str, field: str | None, appliance: ArchiveAppliance
) -> None:
    refused(await appliance.upload(STREAM, **fields), status, detail, field)
    assert appliance.files() == {"old.jpg": b"old"}


async def test_a_body_that_is_no_form_with_a_file_is_refused(appliance: ArchiveAppliance) -> None:
    no_file = form({"subvolume": "photos"}, None, b"")
    refused(await appliance.client.post(UPLOAD, no_file, FORM), 400, "archive file is required")
    refused(
        await appliance.client.post(UPLOAD, form({}, "a.tar", STREAM), FORM),
        400,
        "subvolume field is required",
        "subvolume",
    )
    refused(await appliance.client.post(UPLOAD, {"subvolume": "photos"}, ADMIN), 400, "not a complete form", None)
    refused(await appliance.client.post(UPLOAD, b"rubbish" * 100, FORM), 400, "not a complete form", None)
    headers = {**ADMIN, "Content-Type": "multipart/form-data"}
    refused(await appliance.client.post(UPLOAD, no_file, headers), 400, "not a complete form", None)


async def test_fields_after_the_file_come_too_late(appliance: ArchiveAppliance) -> None:
    body = form({"subvolume": "photos"}, "a.tar", STREAM).removesuffix(f"--{BOUNDARY}--\r\n".encode())
    answer = await appliance.client.post(UPLOAD, body + form({"subpath": "x"}, None, b""), FORM)
    refused(answer, 400, "must be last", "subpath")
    assert appliance.files() == {"old.jpg": b"old"}


@pytest.mark.conformance("ARC-04")
async def test_a_form_that_is_cut_off_changes_nothing(appliance: ArchiveAppliance) -> None:
    whole = form({"subvolume": "photos"}, "a.tar", STREAM)
    for length in (len(whole) - 4, len(whole) - 600, 200):
        assert (await appliance.client.post(UPLOAD, whole[:length], FORM)).status == 400
        assert appliance.files() == {"old.jpg": b"old"}


@pytest.mark.conformance("ARC-01")
@pytest.mark.parametrize(
    ("content", "name"), [(STREAM, "a.zip"), (STREAM, "a.tar.gz"), (b"PK\3\4" + bytes(600), "a.tar")]
)
async def test_other_formats_are_refused(content: bytes, name: str, appliance: ArchiveAppliance) -> None:
    refused(await appliance.upload(content, name), 400, "unsupported archive format")


@pytest.mark.conformance("ARC-02")
async def test_a_file_without_a_tar_stream_is_refused(appliance: ArchiveAppliance) -> None:
    answer = await appliance.upload(COMPRESSED["files.tgz"](b"x" * 2000), "a.tgz")
    refused(answer, 400, "archive does not contain a valid tar stream")


@pytest.mark.conformance("ARC-04")
async def test_a_too_large_archive_is_refused_with_or_without_its_length(appliance: ArchiveAppliance) -> None:
    await appliance.appliance.core.settings.set("max_archive_size", "10000")
    large = packed(member("x", bytes(20_000), owner=ME))
    too_large = "archive exceeds maximum allowed size"
    refused(await appliance.upload(large), 403, too_large)
    refused(await appliance.upload(COMPRESSED["files.tgz"](large), "a.tgz"), 403, too_large)
    announced = {**FORM, "Content-Length": str(10_000_000)}
    refused(
        await appliance.client.post(UPLOAD, form({"subvolume": "photos"}, "a.tar", STREAM), announced), 403, too_large
    )
    assert appliance.files() == {"old.jpg": b"old"}


@pytest.mark.conformance("ARC-04")
async def test_too_many_members_are_refused(appliance: ArchiveAppliance) -> None:
    await appliance.appliance.core.settings.set("max_archive_members", "2")
    refused(await appliance.upload(STREAM), 403, "more than 2 files and directories")


async def test_one_upload_to_a_volume_at_a_time(appliance: ArchiveAppliance) -> None:
    entered = trio.Event()

    async def slowly() -> AsyncGenerator[bytes, None]:
        yield STREAM[:100]
        entered.set()
        await trio.sleep_forever()

    async with aclosing(slowly()) as source, trio.open_nursery() as nursery:
        nursery.start_soon(appliance.uploads.put, Upload(PHOTOS, "a.tar"), source)
        await entered.wait()
        answer = await appliance.upload(STREAM)
        assert (answer.status, "another upload" in answer.detail) == (409, True)
        assert (await appliance.upload(STREAM, subvolume=str(DATA))).status == 200
        nursery.cancel_scope.cancel()
    assert (await appliance.upload(STREAM)).status == 200


async def test_no_upload_while_an_operation_works_on_the_package(appliance: ArchiveAppliance) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(appliance.work_on, NGINX)
        refused(await appliance.upload(b"", subvolume=str(DATA)), 409, "core/nginx is busy: upgrade is running", None)
        assert (await appliance.upload(STREAM)).status == 200
        nursery.cancel_scope.cancel()


async def test_an_operation_that_begins_during_an_upload_comes_first(appliance: ArchiveAppliance) -> None:
    async with trio.open_nursery() as nursery:

        async def slowly() -> AsyncGenerator[bytes, None]:
            yield STREAM[:512]
            await nursery.start(appliance.work_on, NGINX)
            yield STREAM[512:]

        async with aclosing(slowly()) as source:
            with pytest.raises(Conflict):
                await appliance.uploads.put(Upload(DATA, "a.tar", service=NGINX.unit), source)
        nursery.cancel_scope.cancel()
    assert appliance.files(DATA) == {"index.html": b"hello"}
    assert appliance.systemd.calls == []
    assert appliance.staged() == []


async def test_only_administrators_upload_and_the_target_is_audited(appliance: ArchiveAppliance) -> None:
    body = form({"subvolume": "photos", "subpath": "x"}, "holiday.tar", STREAM)
    assert (await appliance.client.post(UPLOAD, body, {**FORM, **USER})).status == 403
    assert (await appliance.client.post(UPLOAD, body, FORM)).status == 200
    rejected, done = appliance.client.audit
    assert (rejected.success, done.success) == (False, True)
    assert done.action == "upload archive"
    assert done.detail == '{"archive":"holiday.tar","subpath":"x","subvolume":"photos"}'


async def test_no_snapshot_is_left_of_an_upload_that_failed(appliance: ArchiveAppliance) -> None:
    (appliance.volumes.location(PHOTOS) / "album").symlink_to(Path("/tmp"))
    refused(await appliance.upload(STREAM), 409, "album")
    assert await appliance.volumes.snapshots(PHOTOS) == []


async def test_an_archive_beyond_the_free_quota_is_refused_with_the_numbers(appliance: ArchiveAppliance) -> None:
    appliance.volumes.add(PHOTOS, 10)
    refused(
        await appliance.upload(STREAM), 507, "the archive needs 8 bytes, but the volume has only 7 bytes left", None
    )
    assert appliance.files() == {"old.jpg": b"old"}
    appliance.volumes.add(PHOTOS, 11)
    assert (await appliance.upload(STREAM)).status == 200


async def test_a_full_disk_is_told(appliance: ArchiveAppliance) -> None:
    appliance.volumes.failures["scratch"].append(Internal("http.internal"))
    assert (await appliance.upload(STREAM)).status == 500
    assert appliance.files() == {"old.jpg": b"old"}


@pytest.mark.parametrize(
    ("used", "told"), [(950_000, "the disk is full: 928 kB of 977 kB"), (949_992, "8 bytes do not fit")]
)
async def test_a_disk_that_would_be_full_refuses_an_archive_before_anything_changes(
    used: int, told: str, appliance: ArchiveAppliance
) -> None:
    appliance.volumes.disk = DiskUsage(total=1_000_000, used=used, available=1_000_000 - used)
    refused(await appliance.upload(STREAM, stop_service=NGINX.unit), 507, told, None)
    assert appliance.files() == {"old.jpg": b"old"}
    assert appliance.systemd.calls == []
    assert await appliance.volumes.snapshots(PHOTOS) == []
