"""What programs in containers may ask the kernel for: podman's own profile, and nothing that makes subvolumes.

Any process may make a subvolume inside a directory that it may write to, and what is in it counts against no quota but
its own, which has no limit: so a volume's quota would hold for nobody who knows this. Making them is an `ioctl`.

The kernel takes the low half of an `ioctl`'s command, and the filter of system calls compares all of it. So refusing a
value would be passed by with other upper bits: the rules here look at lower bits only, and what none allows is refused.
A command is one of btrfs when its second byte is 0x94: any other byte differs from that in at least one bit.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from errno import EPERM
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from townos.errors import Unavailable
from townos.posix.files import replace_file

DEFAULTS: Final = (Path("/etc/containers/seccomp.json"), Path("/usr/share/containers/seccomp.json"))
"""Where podman's own profile is; the first one that is there counts (containers.conf(5))."""

_ALLOW: Final = "SCMP_ACT_ALLOW"
_REFUSE: Final = "SCMP_ACT_ERRNO"
_REFUSING: Final = (_REFUSE, "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP")
_IOCTL: Final = "ioctl"
_COMMAND: Final = 1  # ioctl(descriptor, command, …)
_BTRFS: Final = 0x9400  # BTRFS_IOCTL_MAGIC, linux/btrfs.h, where commands have it
_MAGIC_BITS: Final = range(8, 16)  # of a command, asm-generic/ioctl.h; the eight below are its number
_NUMBERED: Final = 0xFFFF  # magic and number
_WHOLE: Final = 0xFFFFFFFF
_ALLOWED: Final = {
    0x40049409: "FICLONE",
    0x4020940D: "FICLONERANGE",
    0xC0189436: "FIDEDUPERANGE",
    0x81009431: "FS_IOC_GETFSLABEL",
    0x8400941F: "BTRFS_IOC_FS_INFO",
    0xD0009412: "BTRFS_IOC_INO_LOOKUP",
    0x80089419: "BTRFS_IOC_SUBVOL_GETFLAGS",
    0x81F8943C: "BTRFS_IOC_GET_SUBVOL_INFO",
}
"""What copies within a volume, and what tells of a file system without rights."""
_NOT_PERMITTED: Final = {
    1: "BTRFS_IOC_SNAP_CREATE",
    14: "BTRFS_IOC_SUBVOL_CREATE",
    15: "BTRFS_IOC_SNAP_DESTROY",
    23: "BTRFS_IOC_SNAP_CREATE_V2",
    24: "BTRFS_IOC_SUBVOL_CREATE_V2",
    63: "BTRFS_IOC_SNAP_DESTROY_V2",
}
"""The numbers of commands that are answered with EPERM, as people understand it. Others get the profile's default."""


class _Profile(msgspec.Struct):
    """The part of a profile that is looked at; all else stays as it is."""

    default: str = msgspec.field(name="defaultAction")
    syscalls: list[dict[str, Any]]


async def write_profile(path: Path, defaults: Sequence[Path] = DEFAULTS) -> None:
    """Put the profile in place for units to name. Raises `Unavailable` without podman's own."""
    await trio.to_thread.run_sync(_write, path, defaults)


def _write(path: Path, defaults: Sequence[Path]) -> None:
    profile = confined(_default(defaults))
    with suppress(FileNotFoundError):
        if path.read_bytes() == profile:
            return  # on a full disk, nothing could be written
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_file(path, profile)


def _default(places: Sequence[Path]) -> bytes:
    for place in places:
        with suppress(FileNotFoundError):
            return place.read_bytes()
    raise Unavailable("container.no_seccomp", str(places[-1]))


def confined(profile: bytes) -> bytes:
    """Return podman's own profile, in which `ioctl` is ruled anew. Raises `Unavailable` for one that is no such thing.

    What it refuses stays refused.
    """
    try:
        document = msgspec.json.decode(profile, type=dict[str, Any])
        found = msgspec.convert(document, type=_Profile)
        kept = [entry | {"names": [name for name in entry["names"] if name != _IOCTL]} for entry in found.syscalls]
    except (msgspec.MsgspecError, LookupError, TypeError) as error:
        raise Unavailable("container.seccomp_unknown") from error
    if found.default not in _REFUSING:
        raise Unavailable("container.seccomp_unknown")
    syscalls = [entry for entry in kept if entry["names"]]
    return msgspec.json.encode(document | {"syscalls": [*syscalls, *_rules()]})


def _rules() -> Iterator[dict[str, Any]]:
    for bit in _MAGIC_BITS:
        yield _rule(_ALLOW, 1 << bit, ~_BTRFS & 1 << bit)
    for command in _ALLOWED:
        yield _rule(_ALLOW, _WHOLE, command)
    for number in _NOT_PERMITTED:
        yield _rule(_REFUSE, _NUMBERED, _BTRFS | number) | {"errnoRet": EPERM}


def _rule(action: str, mask: int, value: int) -> dict[str, Any]:
    """Return the rule for commands that have, of the bits in the mask, exactly those of the value."""
    argument = {"index": _COMMAND, "op": "SCMP_CMP_MASKED_EQ", "value": mask, "valueTwo": value}
    return {"names": [_IOCTL], "action": action, "args": [argument]}
