"""The format of an archive file: its beginning and its name must agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.archives import COMPRESSED, member, packed
from townos.errors import Malformed
from townos.names import ArchiveName
from townos.storage.archives.formats import EXTENSIONS, HEAD_BYTES, ArchiveFormat, by_extension, confirmed, detect

STREAM = packed(member("a", b"content"))


@pytest.mark.conformance("ARC-01")
@pytest.mark.parametrize("name", COMPRESSED)
def test_the_beginning_tells_the_format_and_the_name_confirms_it(name: str) -> None:
    head = COMPRESSED[name](STREAM)[:HEAD_BYTES]
    assert confirmed(head, name) is confirmed(head, f"My Backup.{name.upper()}") is by_extension(name)


@pytest.mark.conformance("ARC-01")
@pytest.mark.parametrize(
    "name", ["files.tar", "files.tar.gz", "files.tar.bz2", "files.tar.xz", "files.zip", "files", ""]
)
@pytest.mark.parametrize("content", ["files.tar", "files.tar.gz", "files.tar.bz2", "files.tar.xz"])
def test_a_name_that_says_otherwise_is_refused(name: str, content: str) -> None:
    head = COMPRESSED[content](STREAM)[:HEAD_BYTES]
    if name == content:
        return
    with pytest.raises(Malformed) as refused:
        confirmed(head, name)
    assert refused.value.code == "archive.unsupported"
    assert [field.name for field in refused.value.fields] == ["archive"]


@given(head=st.binary(max_size=HEAD_BYTES))
def test_anything_else_has_no_format(head: bytes) -> None:
    known = head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")) or head[257:] == b"ustar"
    assert (detect(head) is not None) is known


@pytest.mark.parametrize("head", [b"", b"\x1f", b"PK\3\4", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", bytes(512)])
def test_other_signatures_are_none_of_ours(head: bytes) -> None:
    assert detect(head) is None


def test_names_of_archive_files_have_the_extensions_of_the_formats() -> None:
    assert set(ArchiveName.suffixes) == set(EXTENSIONS)
    assert {EXTENSIONS[kind.value] for kind in ArchiveFormat} == set(ArchiveFormat)
