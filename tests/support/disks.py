"""The beginnings of disk images, made byte by byte, and a converter that needs no program."""

from dataclasses import dataclass, field
from pathlib import Path
from struct import pack

import trio

from townos.vm.formats import Format
from townos.vm.qemu_img import Measure

MEBIBYTE = 1024**2


def qcow2(
    *,
    version: int = 3,
    backing: int = 0,
    features: int = 0,
    encryption: int = 0,
    size: int = MEBIBYTE,
    name: str = "/etc/passwd",
) -> bytes:
    """Return an image of a disk that is one hole, whose header says whatever it is told to say."""
    head = pack(">4sIQIIQII", b"QFI\xfb", version, backing, len(name), 16, size, encryption, 1)
    head += pack(">QQIIQ", 3 << 16, 1 << 16, 1, 0, 0)  # tables, snapshots
    head += pack(">QQQII", features, 0, 0, 4, 104)
    head = head.ljust(1024, b"\0") + name.encode()
    refcounts = pack(">Q", 2 << 16).ljust(1 << 16, b"\0") + pack(">4H", 1, 1, 1, 1).ljust(1 << 16, b"\0")
    return head.ljust(1 << 16, b"\0") + refcounts + bytes(1 << 16)


def vmdk(*, capacity: int = 2048, descriptor: str = "", descriptor_sector: int = 1) -> bytes:
    """Return a sparse VMDK: its header and its descriptor; there are no grains."""
    head = pack("<4sIIQQQQ", b"KDMV", 1, 3, capacity, 128, descriptor_sector, 20)
    head += pack("<IQQQB4sH", 512, 0, 22, 128, 0, b"\n \r\n", 0)
    image = head.ljust(descriptor_sector * 512, b"\0") + descriptor.encode().ljust(20 * 512, b"\0")
    return image.ljust(64 * 1024, b"\0")


def raw(size: int = MEBIBYTE, content: bytes = b"boot") -> bytes:
    """Return a disk that begins with some bytes."""
    return content.ljust(size, b"\0")


@dataclass(slots=True)
class CopyingConverter:
    """Takes every image for raw. `size` is what it says of disks; `gate` holds a conversion until it is opened."""

    size: int = MEBIBYTE
    gate: trio.Event | None = None
    converting: trio.Event = field(default_factory=trio.Event)

    async def measure(self, source: Path, kind: Format) -> Measure:
        return Measure(self.size, self.size)

    async def convert(self, source: Path, kind: Format, target: Path) -> None:
        self.converting.set()
        if self.gate is not None:
            await self.gate.wait()
        target.write_bytes(source.read_bytes())
