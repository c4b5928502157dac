"""What precedes a header and replaces fields of it: PAX records, and GNU's long names."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from townos.storage.archives.tar.headers import Header
from townos.storage.archives.tar.members import invalid_tar, refused

_LENGTH: Final = re.compile(rb"([1-9][0-9]{0,9}) ")
_NATURAL: Final = re.compile(rb"[0-9]{1,20}")
_TIME: Final = re.compile(rb"(-?[0-9]{1,20})(\.[0-9]*)?")
_SPARSE: Final = b"GNU.sparse."

Records = dict[bytes, bytes]


def parse_records(content: bytes) -> Records:
    """Return the records of a PAX header (POSIX pax, "pax Header Block"). Raises `Malformed`."""
    return dict(_records(content))


def _records(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position < len(content):
        match = _LENGTH.match(content, position)
        if match is None:
            raise invalid_tar("extension")
        end = position + int(match[1])
        record = content[match.end() : end]
        key, equals, value = record.partition(b"=")
        if end > len(content) or not record.endswith(b"\n") or not key or not equals:
            raise invalid_tar("extension")
        yield key, value[:-1]
        position = end


def parse_long_name(content: bytes) -> bytes:
    """Return the name in a GNU header for long ones. Raises `Malformed` when something follows its end."""
    name, _, rest = content.partition(b"\0")
    if rest.strip(b"\0"):
        raise invalid_tar("extension")
    return name


def applied(header: Header, records: Mapping[bytes, bytes]) -> Header:
    """Return a header with its PAX records put in; an empty record stands for the header's own field.

    Only what we unpack is looked at: attributes, access lists and comments are left out. Raises `Malformed`, and
    `Invalid` for a sparse file.
    """
    fields: dict[str, Any] = {}
    for key, value in records.items():
        if key.startswith(_SPARSE):
            raise refused("archive.sparse", header.name)
        if value and (field := _FIELDS.get(key)):
            fields[field[0]] = field[1](value)
    return replace(header, **fields) if fields else header


def check_global(records: Mapping[bytes, bytes]) -> None:
    """Raise `Malformed` for records that would give all members the same name or size."""
    if {b"path", b"linkpath", b"size"} & records.keys():
        raise invalid_tar("extension")


def _name(value: bytes) -> bytes:
    if b"\0" in value:
        raise invalid_tar("extension")
    return value


def _number(value: bytes) -> int:
    if not _NATURAL.fullmatch(value):
        raise invalid_tar("number")
    return int(value)


def _time(value: bytes) -> int:
    match = _TIME.fullmatch(value)
    if match is None:
        raise invalid_tar("number")
    return int(match[1])


_FIELDS: Final[Mapping[bytes, tuple[str, Callable[[bytes], bytes | int]]]] = {
    b"path": ("name", _name),
    b"linkpath": ("link", _name),
    b"size": ("size", _number),
    b"uid": ("uid", _number),
    b"gid": ("gid", _number),
    b"mtime": ("mtime", _time),
}
