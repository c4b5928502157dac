"""What a downloaded archive is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Malformed
from townos.storage.archives.file_names import download_name
from townos.storage.archives.formats import MEDIA_TYPES, ArchiveFormat, download_format


@pytest.mark.conformance("ARC-05")
@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("", "download.tar.gz"),
        ("photos", "photos.tar.gz"),
        ("photos.tar.gz", "photos.tar.gz"),
        ("photos.TAR.BZ2", "photos.tar.gz"),
        ("photos.tgz", "photos.tar.gz"),
        ("photos.txz", "photos.tar.gz"),
        ("photos.tar", "photos.tar.gz"),
        ("v1.2", "v1.2.tar.gz"),
        ("../../etc/passwd", "passwd.tar.gz"),
        ("C:\\photos", "photos.tar.gz"),
        ("a/", "download.tar.gz"),
        (".tar.gz", "download.tar.gz"),
        ("..", "download.tar.gz"),
        (" two words ", "two words.tar.gz"),
        ("Fotos-ä", "Fotos-ä.tar.gz"),
        ("x" * 1_000, "x" * 200 + ".tar.gz"),
    ],
)
def test_names(wanted: str, name: str) -> None:
    assert download_name(wanted, ArchiveFormat.GZIP) == name


@given(wanted=st.text(), kind=st.sampled_from(list(MEDIA_TYPES)))
def test_every_name_is_one_file_of_the_right_kind(wanted: str, kind: ArchiveFormat) -> None:
    name = download_name(wanted, kind)
    assert name.endswith(kind.value)
    assert name != kind.value
    assert not any(character in name for character in "/\\\r\n\0\x7f")


@pytest.mark.conformance("ARC-05")
@pytest.mark.parametrize(("text", "kind"), [("", "GZIP"), ("tar.gz", "GZIP"), ("tar.bz2", "BZIP2"), ("tar.xz", "XZ")])
def test_formats(text: str, kind: str) -> None:
    assert download_format(text) is ArchiveFormat[kind]


@pytest.mark.conformance("ARC-05")
@pytest.mark.parametrize("text", ["tar", "tgz", "zip", "gz", ".tar.gz", "TAR.GZ"])
def test_other_formats_are_refused(text: str) -> None:
    with pytest.raises(Malformed, match="unsupported download format: "):
        download_format(text)
