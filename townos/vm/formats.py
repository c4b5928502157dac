"""What kind of disk image a file is, and whether it keeps to itself.

qemu-img opens every file that an image names as its backing file, its data file or its extent, as root, and puts the
content into the disk of the guest. So an image that names any is refused before QEMU sees it.

Layouts: docs/interop/qcow2.txt of QEMU; "Virtual Disk Format 5.0" of VMware; block/vdi.c and block/vhdx.h of QEMU.
"""

import os
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final, Literal

from townos.errors import Invalid

Format = Literal["raw", "qcow2", "vmdk", "vdi", "vhdx"]

SECTOR_BYTES: Final = 512
_HEAD_BYTES: Final = 1024
_QCOW2: Final = b"QFI\xfb"
_QCOW2_VERSIONS: Final = frozenset({2, 3})
_QCOW2_START: Final = Struct(">4sIQ")  # magic, version, offset of the backing file's name
_QCOW2_ENCRYPTION: Final = Struct(">I"), 32
_QCOW2_FEATURES: Final = Struct(">Q"), 72  # those that a reader must know; version 2 has none
_EXTERNAL_DATA: Final = 1 << 2
_VMDK: Final = b"KDMV"
_VMDK_START: Final = Struct(
    "<4sIIQQQQ"
)  # magic, version, flags, capacity, grain, descriptor's offset and size; sectors
_VMDK_DESCRIPTOR_BYTES: Final = 20 * SECTOR_BYTES  # as much as QEMU reads
_VMDK_PARENT: Final = b"parentfilenamehint"
_VDI: Final = (0xBEDA107F).to_bytes(4, "little"), 64
_VHDX: Final = b"vhdxfile"

_PACKED: Final = (
    (b"\x1f\x8b", 0),
    (b"BZh", 0),
    (b"\xfd7zXZ\0", 0),
    (b"\x28\xb5\x2f\xfd", 0),
    (b"PK\x03\x04", 0),
    (b"7z\xbc\xaf\x27\x1c", 0),
    (b"ustar", 257),
)
_UNKNOWN: Final = (
    (b"# Disk DescriptorFile", 0),  # of a VMDK: it only names the files that hold the disk
    (b"COWD", 0),  # VMDK of ESX 3
    (b"QED\0", 0),
    (b"conectix", 0),  # VHD
    (b"WithoutFreeSpace", 0),  # Parallels
    (b"WithouFreSpacExt", 0),
)


def checked_format(path: Path) -> Format:
    """Return the format of an image. Blocks. Raises `Invalid` for one that cannot be used or that names other files."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if len(head) < SECTOR_BYTES:
            raise Invalid("vm.no_image")
        if _begins(head, *_PACKED):
            raise Invalid("vm.packed")
        if _begins(head, *_UNKNOWN):
            raise Invalid("vm.unknown_format")
        if head.startswith(_QCOW2):
            _check_qcow2(head)
            return "qcow2"
        if head.startswith(_VMDK):
            _check_vmdk(head, file)
            return "vmdk"
    if head.startswith(_VHDX):
        return "vhdx"  # QEMU refuses those that have a parent
    return "vdi" if _begins(head, _VDI) else "raw"  # of VDI it knows only those without one


def _begins(head: bytes, *signatures: tuple[bytes, int]) -> bool:
    return any(head.startswith(magic, offset) for magic, offset in signatures)


def _check_qcow2(head: bytes) -> None:
    _, version, backing = _QCOW2_START.unpack_from(head)
    if version not in _QCOW2_VERSIONS:
        raise Invalid("vm.unknown_format")
    features = _read(head, *_QCOW2_FEATURES) if version > 2 else 0
    if backing or features & _EXTERNAL_DATA:
        raise Invalid("vm.other_files")
    if _read(head, *_QCOW2_ENCRYPTION):
        raise Invalid("vm.encrypted")


def _check_vmdk(head: bytes, file: BinaryIO) -> None:
    """Refuse a disk whose descriptor counts for QEMU: without a capacity its extents do, with a parent that does."""
    _, _, _, capacity, _, descriptor, _ = _VMDK_START.unpack_from(head)
    if not capacity:
        raise Invalid("vm.other_files")
    if descriptor * SECTOR_BYTES > os.fstat(file.fileno()).st_size:
        raise Invalid("vm.damaged")
    for sector in {1, descriptor}:  # QEMU looks into the first, others where the header says
        file.seek(sector * SECTOR_BYTES)
        if _VMDK_PARENT in file.read(_VMDK_DESCRIPTOR_BYTES).lower():
            raise Invalid("vm.other_files")


def _read(head: bytes, layout: Struct, offset: int) -> int:
    (value,) = layout.unpack_from(head, offset)
    return int(value)
