"""Which files are disk images, and which of them keep to themselves."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.disks import qcow2, raw, vmdk
from townos.errors import Invalid
from townos.vm.formats import checked_format


def found(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "image"
    file.write_bytes(content)
    return checked_format(file)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (raw(), "raw"),
        (bytes(512), "raw"),
        (qcow2(), "qcow2"),
        (qcow2(version=2, features=0xFF), "qcow2"),
        (vmdk(descriptor='parentCID=ffffffff\ncreateType="monolithicSparse"\n'), "vmdk"),
        (b"<<< Oracle VM VirtualBox Disk Image >>>\n".ljust(64, b"\0") + b"\x7f\x10\xda\xbe" + bytes(512), "vdi"),
        (b"vhdxfile" + bytes(65_536), "vhdx"),
    ],
)
def test_a_format_is_known_by_its_first_bytes(tmp_path: Path, content: bytes, expected: str) -> None:
    assert found(tmp_path, content) == expected


@pytest.mark.parametrize(
    "content",
    [
        qcow2(backing=1024),
        qcow2(version=2, backing=1024),
        qcow2(backing=1),
        qcow2(features=1 << 2),
        qcow2(features=0xFFFF),
        vmdk(capacity=0, descriptor='RW 2048 FLAT "/etc/passwd" 0\n'),
        vmdk(descriptor='parentCID=12345678\nparentFileNameHint="/etc/passwd"\n'),
        vmdk(descriptor='PARENTFILENAMEHINT="/etc/passwd"\n'),
        vmdk(descriptor='parentFileNameHint="/etc/passwd"\n', descriptor_sector=30),
    ],
)
def test_an_image_that_names_other_files_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid, match="it refers to other files"):
        found(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "too short"),
        (bytes(511), "too short"),
        (b"\x1f\x8b" + bytes(600), "decompress it first"),
        (b"\xfd7zXZ\0" + bytes(600), "decompress it first"),
        (b"PK\x03\x04" + bytes(600), "decompress it first"),
        (b"disk.ovf".ljust(257, b"\0") + b"ustar" + bytes(600), "decompress it first"),
        (b"# Disk DescriptorFile\n".ljust(600, b" "), "must be raw, qcow2"),
        (b"conectix" + bytes(600), "must be raw, qcow2"),
        (qcow2(version=1), "must be raw, qcow2"),
        (qcow2(version=4), "must be raw, qcow2"),
        (qcow2(encryption=2), "encrypted"),
    ],
)
def test_an_unusable_image_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        found(tmp_path, content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    magic=st.sampled_from([b"QFI\xfb", b"KDMV", b""]), rest=st.binary(max_size=200), offset=st.integers(0, 2**64 - 1)
)
def test_any_header_gives_an_answer(tmp_path: Path, magic: bytes, rest: bytes, offset: int) -> None:
    head = (magic + rest).ljust(28, b"\0")[:28] + offset.to_bytes(8, "little")
    try:
        assert found(tmp_path, head.ljust(1024, b"\0")) in {"raw", "qcow2", "vmdk", "vdi", "vhdx"}
    except Invalid:
        return
