"""Header blocks and what precedes them, against Python's own writer."""

import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.archives import header, pax_record
from townos.errors import Invalid, Malformed
from townos.storage.archives.tar.extensions import applied, check_global, parse_long_name, parse_records
from townos.storage.archives.tar.headers import BLOCK_BYTES, number, parse_header

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
SIZES = st.integers(0, 2**60)
IDS = st.integers(0, 2**32 - 2)


def with_checksum(block: bytes) -> bytes:
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    return block[:148] + f"{total:06o}\0 ".encode() + block[156:]


PLAIN = header(tarfile.TarInfo("a"))


@given(
    name=NAMES.filter(lambda name: len(name.encode()) <= 100),
    size=SIZES,
    uid=IDS,
    gid=IDS,
    mtime=st.integers(-(2**40), 2**40),
)
def test_a_header_is_read_as_it_was_written(name: str, size: int, uid: int, gid: int, mtime: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.uid, info.gid, info.mtime, info.mode = size, uid, gid, mtime, 0o4755
    read = parse_header(header(info))
    assert (read.name, read.kind, read.link) == (name.encode(), b"0", b"")
    assert (read.size, read.uid, read.gid, read.mtime, read.mode) == (size, uid, gid, mtime, 0o4755)


@given(directory=st.text("abc/", min_size=1, max_size=100), name=st.text("xyz", min_size=1, max_size=90))
def test_posix_names_are_joined_from_two_fields(directory: str, name: str) -> None:
    info = tarfile.TarInfo(f"d{directory}/{name}")
    assert parse_header(header(info, tarfile.USTAR_FORMAT)).name == info.name.encode()


@given(position=st.integers(0, BLOCK_BYTES - 1), change=st.integers(1, 255))
def test_a_block_with_a_changed_byte_is_damaged(position: int, change: int) -> None:
    block = bytearray(PLAIN)
    block[position] ^= change
    if 148 <= position < 156:
        return  # the checksum itself has several spellings
    with pytest.raises(Malformed):
        parse_header(bytes(block))


def test_sums_of_signed_bytes_are_accepted() -> None:
    info = tarfile.TarInfo("ä")
    block = header(info)
    signed = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + block[156:]) + 8 * 32
    assert parse_header(block[:148] + f"{signed:06o}\0 ".encode() + block[156:]).name == "ä".encode()


@pytest.mark.parametrize(
    "field", [b"12345678", b"0000 7\0\0", b"-000001\0", b"0x00010\0", b"\0000001 ", b"1\0002345\0", b"\x81234567"]
)
def test_numbers_with_several_readings_are_refused(field: bytes) -> None:
    with pytest.raises(Malformed):
        number(field)


@pytest.mark.parametrize(
    ("field", "value"),
    [(bytes(8), 0), (b"        ", 0), (b"0000644\0", 0o644), (b"   644 \0", 0o644), (b"7777777 ", 0o7777777)],
)
def test_octal_numbers_may_be_padded(field: bytes, value: int) -> None:
    assert number(field) == value


@pytest.mark.parametrize("field", [slice(100, 108), slice(108, 116), slice(116, 124), slice(124, 136)])
def test_only_a_time_may_be_negative(field: slice) -> None:
    length = field.stop - field.start
    block = PLAIN[: field.start] + b"\xff" * length + PLAIN[field.stop :]
    with pytest.raises(Malformed):
        parse_header(with_checksum(block))


@given(
    records=st.dictionaries(
        NAMES.filter(lambda name: "=" not in name), st.text(st.characters(codec="utf-8"), max_size=120)
    )
)
def test_records_are_read_as_they_were_written(records: dict[str, str]) -> None:
    content = b"".join(pax_record(key, value) for key, value in records.items())
    assert parse_records(content) == {key.encode(): value.encode() for key, value in records.items()}


@given(content=st.binary(min_size=1, max_size=64))
def test_other_bytes_are_no_records(content: bytes) -> None:
    try:
        records = parse_records(content)
    except Malformed:
        return
    assert sum(len(key) + len(value) for key, value in records.items()) < len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"5 a=b\n",
        b"6 a=b",
        b"6 a=bc",
        b"06 a=b\n",
        b"6 ab \n",
        b"6 =ab\n",
        b"99 a=b\n",
        b"-6 a=b\n",
        b"6 a=b\n\0",
        b"2 ",
    ],
)
def test_broken_records_are_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse_records(content)


def test_records_replace_the_fields_of_the_block_and_empty_ones_do_not() -> None:
    block = parse_header(PLAIN)
    records = {b"path": b"long", b"size": b"5", b"uid": b"7", b"gid": b"8", b"mtime": b"-1.5", b"linkpath": b""}
    read = applied(block, records | {b"SCHILY.xattr.security.capability": b"\1\0", b"comment": b"x"})
    assert (read.name, read.size, read.uid, read.gid, read.mtime, read.link) == (b"long", 5, 7, 8, -1, b"")


@pytest.mark.parametrize(
    "record", [{b"path": b"a\0b"}, {b"size": b"-1"}, {b"size": b"1e3"}, {b"uid": b" 1"}, {b"mtime": b"soon"}]
)
def test_records_with_impossible_values_are_refused(record: dict[bytes, bytes]) -> None:
    with pytest.raises(Malformed):
        applied(parse_header(PLAIN), record)


def test_sparse_files_are_refused_by_name() -> None:
    with pytest.raises(Invalid, match='"a"'):
        applied(parse_header(PLAIN), {b"GNU.sparse.major": b"1"})


@pytest.mark.parametrize("key", [b"path", b"linkpath", b"size"])
def test_no_record_gives_all_members_one_name_or_size(key: bytes) -> None:
    with pytest.raises(Malformed):
        check_global({key: b"1"})


def test_a_long_name_ends_at_its_nul() -> None:
    assert parse_long_name(b"name\0\0") == parse_long_name(b"name") == b"name"
    with pytest.raises(Malformed):
        parse_long_name(b"name\0other\0")
