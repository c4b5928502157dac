"""The disk of a small virtual machine: GRUB, Debian's kernel and busybox, read by their sectors: there are no files.

The guest serves a page on port 80, at the address that QEMU's user network expects. When its power button is pressed it
leaves a mark on its disk and switches itself off.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from struct import pack_into
from typing import Final

from tests.bed import cache, child, debian
from tests.bed.places import CACHE
from tests.bed.terminal import Say

DISK: Final = "disk.raw"
PAGE: Final = "hello from the guest"
MARK: Final = b"switched off in order"
MARK_SECTOR: Final = 2_047

_PACKAGES: Final = ("linux-image-cloud-amd64", "grub-pc-bin", "busybox-static")
_SECTOR_BYTES: Final = 512
_KERNEL_SECTOR: Final = 2_048
_MODULES: Final = (  # each after those that it needs
    "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "drivers/block/virtio_blk",
    "net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net",
    "drivers/acpi/button", "drivers/input/evdev",
)  # fmt: skip
_INIT: Final = f"""\
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
for module in {" ".join(Path(module).name for module in _MODULES)}; do insmod /modules/$module.ko; done
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up
ip route add default via 10.0.2.2
echo '{PAGE}' >/www/index.html
httpd -h /www
echo ready >/dev/console
mkfifo /pressed
for device in /dev/input/event*; do head -c 24 $device >/pressed & done
head -c 24 /pressed >/dev/null
echo '{MARK.decode()}' | dd of=/dev/vda bs={_SECTOR_BYTES} seek={MARK_SECTOR} conv=sync
sync
poweroff -f
"""


def ready(say: Say) -> Path:
    """Return the raw disk, made now if its recipe changed."""
    with cache.locked(CACHE / "lock"):
        recipe = [*_PACKAGES, *_MODULES, _INIT]
        directory = cache.cached("guest", cache.key(recipe, [Path(__file__), Path(debian.__file__)]), _build, say)
    return directory / DISK


def _build(target: Path, say: Say) -> None:
    say("making the disk of a small virtual machine (once; about a minute)")
    root = target / "root"
    debian.extract(root, _PACKAGES)
    (kernel,) = (root / "boot").glob("vmlinuz-*")
    initial = _initial_files(root, root / "lib/modules" / kernel.name.removeprefix("vmlinuz-") / "kernel")
    disk = _disk(root, kernel.read_bytes(), initial.read_bytes())
    (target / DISK).write_bytes(disk)
    shutil.rmtree(root)


def _initial_files(root: Path, modules: Path) -> Path:
    """Pack what the kernel begins with, by the busybox that will run from it."""
    files = root / "initial"
    for name in ("bin", "dev", "modules", "www"):
        (files / name).mkdir(parents=True)
    shutil.copy(root / "bin/busybox", files / "bin/busybox")
    for module in _MODULES:
        shutil.copy(modules / f"{module}.ko", files / "modules")
    (files / "init").write_text(_INIT)
    (files / "init").chmod(0o755)
    pack = "cd /initial && busybox find . | busybox cpio -o -H newc | busybox gzip >/initial.gz"
    child.run(["chroot", str(root), "/bin/busybox", "sh", "-c", pack])
    return root / "initial.gz"


def _disk(root: Path, kernel: bytes, initial: bytes) -> bytes:
    """Put the boot sector, GRUB, the kernel and the initial files one after the other."""
    kernel, initial = _padded(kernel), _padded(initial)
    initial_sector = _KERNEL_SECTOR + len(kernel) // _SECTOR_BYTES
    core = _core(
        root,
        f"linux (hd0){_KERNEL_SECTOR}+{len(kernel) // _SECTOR_BYTES} console=ttyS0 quiet mitigations=off\n"
        f"initrd (hd0){initial_sector}+{len(initial) // _SECTOR_BYTES}\n"
        "boot\n",
    )
    head = (_boot_sector(root) + core).ljust(_KERNEL_SECTOR * _SECTOR_BYTES, b"\0")
    return (head + kernel + initial).ljust(-(-(len(head) + len(kernel) + len(initial)) // 2**20) * 2**20, b"\0")


def _boot_sector(root: Path) -> bytes:
    """Return GRUB's first sector, told that the rest follows (grub-core/boot/i386/pc/boot.S)."""
    sector = bytearray((root / "usr/lib/grub/i386-pc/boot.img").read_bytes())
    pack_into("<Q", sector, 0x5C, 1)
    sector[0x66:0x68] = b"\x90\x90"  # always from this disk, whatever the firmware says
    return bytes(sector)


def _core(root: Path, commands: str) -> bytes:
    """Return GRUB itself with the commands that it begins with (grub-core/boot/i386/pc/diskboot.S)."""
    (root / "commands").write_text(commands)
    words = ["grub-mkimage", "-O", "i386-pc", "-o", "/core.img", "-p", "/", "-c", "/commands", "biosdisk", "linux"]
    child.run(["chroot", str(root), *words])
    core = bytearray((root / "core.img").read_bytes())
    pack_into("<Q", core, 0x1F4, 2)
    return bytes(core)


def _padded(content: bytes) -> bytes:
    return content.ljust(-(-len(content) // _SECTOR_BYTES) * _SECTOR_BYTES, b"\0")
