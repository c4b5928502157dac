"""Routes that put archives into volumes and hand volumes out as archives."""

import re
from contextlib import aclosing
from typing import Final
from urllib.parse import quote

import msgspec
from werkzeug.datastructures import Headers

from townos.api.call import Call
from townos.api.http.forms import FileForm
from townos.api.http.sse import Stream
from townos.api.routing import Auth, Form, Routes, post
from townos.api.wire.requests import Name, Request, Text
from townos.errors import Forbidden, Invalid, Malformed, at_field
from townos.limits import ARCHIVE_PATHS_MAX, FORM_OVERHEAD_MAX_BYTES
from townos.names import PACKAGE_UNIT_PREFIX, PAGES_UNIT, InnerPath, UnitName
from townos.storage.archives.downloads import Download, Downloads
from townos.storage.archives.file_names import download_name
from townos.storage.archives.formats import MEDIA_TYPES, download_format
from townos.storage.archives.uploads import Upload, Uploads
from townos.storage.paths import VolumePath

_TOO_LARGE: Final = "archive.too_large"
_SERVICE: Final = re.compile(r"[a-zA-Z0-9@._-]+\.(service|timer|mount|socket|target|slice|scope)")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&+.^_`|~-]+")
"""A file name that needs no quotes in a header (RFC 9110, 5.6.2)."""


class DownloadArchive(Request):
    """What to pack. Without `paths` it is all of the volume."""

    subvolume: Text = ""
    paths: list[Text] = msgspec.field(default_factory=list)
    stop_service: Text = ""
    format: Name = ""
    filename: Text = ""


class UploadFields(msgspec.Struct, frozen=True):
    """Where an archive goes. `subpath` is a directory in the volume; `stop_service` stands still meanwhile."""

    subvolume: str = ""
    subpath: str = ""
    stop_service: str = ""
    operation_id: str = ""


_FORM: Final = Form(UploadFields, "archive")


class Unpacked(msgspec.Struct, frozen=True):
    """The answer to an upload."""

    needs_restart: bool = True
    message: str = "archive unpacked successfully"


def routes(uploads: Uploads, downloads: Downloads) -> Routes:
    """Return the routes of this area."""

    async def upload(call: Call) -> Unpacked:
        most = await uploads.max_bytes()
        form = await _begun(call, most)
        fields = msgspec.convert(form.fields, UploadFields)
        wanted = _upload(fields, form.file_name)
        async with aclosing(form.file(most, _TOO_LARGE)) as file:
            await uploads.put(wanted, file, operation_id=fields.operation_id, on_received=call.outlive_client)
        return Unpacked()

    async def download(_: Call, body: DownloadArchive) -> Stream:
        kind = download_format(body.format)
        wanted = Download(
            volume=_volume(body.subvolume),
            format=kind,
            paths=_paths(body.paths),
            service=_service(body.stop_service),
        )
        headers = Headers([("Content-Disposition", _disposition(download_name(body.filename, kind)))])
        return Stream(downloads.open(wanted), content_type=MEDIA_TYPES[kind], headers=headers)

    return (
        post("/storage/upload-archive", upload, Auth.ADMIN, audit="upload_archive", streams_body=True, form=_FORM),
        post("/storage/download-archive", download, Auth.ADMIN, audit="download_archive"),
    )


async def _begun(call: Call, most: int) -> FileForm:
    """Return the form of a call, read up to its file. Raises `Forbidden` when the file must be larger than allowed."""
    call.request.body.limit = most + FORM_OVERHEAD_MAX_BYTES
    if (call.request.content_length or 0) > call.request.body.limit:
        raise Forbidden.at(_FORM.file, _TOO_LARGE)
    form = FileForm(call.request.headers.get("Content-Type", ""), call.request.body, _FORM.file)
    await form.read_fields()
    call.tell({**form.fields, _FORM.file: form.file_name})
    return form


def _upload(fields: UploadFields, file_name: str) -> Upload:
    return Upload(
        volume=_volume(fields.subvolume),
        file_name=file_name,
        within=at_field("subpath", InnerPath.parse, fields.subpath) if fields.subpath else None,
        service=_service(fields.stop_service),
    )


def _volume(text: str) -> VolumePath:
    if not text:
        raise Malformed.at("subvolume", "archive.no_subvolume")
    return at_field("subvolume", VolumePath.named, text)


def _service(text: str) -> UnitName | None:
    """Return the service to stop, if there is one. Raises `Malformed`, and `Forbidden` for what is not ours."""
    if not text:
        return None
    if not _SERVICE.fullmatch(text):
        raise Malformed.at("stop_service", "archive.invalid_service", text)
    unit = at_field("stop_service", UnitName.parse, text)
    if not unit.startswith(PACKAGE_UNIT_PREFIX) and unit != PAGES_UNIT:
        raise Forbidden.at("stop_service", "unit.foreign", unit)
    return unit


def _paths(texts: list[str]) -> tuple[InnerPath, ...]:
    if len(texts) > ARCHIVE_PATHS_MAX:
        raise Malformed.at("paths", "archive.too_many_paths", ARCHIVE_PATHS_MAX)
    return tuple(_path(f"paths[{index}]", text) for index, text in enumerate(texts))


def _path(field: str, text: str) -> InnerPath:
    if text.startswith("-"):
        raise Malformed.at(field, "archive.invalid_path", text)
    try:
        return InnerPath.parse(text.removeprefix("./").rstrip("/"))
    except Invalid as error:
        raise Malformed.at(field, error.code, *error.params) from error


def _disposition(name: str) -> str:
    if _TOKEN.fullmatch(name):
        return f"attachment; filename={name}"
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
