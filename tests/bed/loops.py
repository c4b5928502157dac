"""Loop devices for use inside a bed. They belong to the whole machine, so each bed gets its own, which go with it."""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from tests.bed import child
from tests.bed.kernel import wait_until

EACH: Final = 4
_FIRST: Final = 1000
_MAJOR: Final = 7
_CONTROL: Final = "/dev/loop-control"
_ADD: Final = 0x4C80
_REMOVE: Final = 0x4C81
_DETACH_SECONDS: Final = 5


def numbers(network: int) -> range:
    """Return the device numbers of the bed on that network."""
    return range(_FIRST + network * EACH, _FIRST + (network + 1) * EACH)


def add(network: int, devices: Path) -> None:
    """Create a bed's loop devices and their nodes in its `/dev`."""
    for number in numbers(network):
        with suppress(FileExistsError):
            _control(_ADD, number)
        os.mknod(devices / f"loop{number}", 0o660 | stat.S_IFBLK, os.makedev(_MAJOR, number))


def remove(network: int) -> None:
    """Detach and remove what there is of a bed's loop devices."""
    for number in numbers(network):
        if not Path(f"/sys/block/loop{number}").exists():
            continue
        if not _detached(number):
            child.attempt(["losetup", "--detach", f"/dev/loop{number}"])
            wait_until(partial(_detached, number), _DETACH_SECONDS)
        with suppress(FileNotFoundError):
            _control(_REMOVE, number)


def _detached(number: int) -> bool:
    return not Path(f"/sys/block/loop{number}/loop").exists()


def _control(request: int, number: int) -> None:
    control = os.open(_CONTROL, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(control, request, number)
    finally:
        os.close(control)
