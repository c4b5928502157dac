"""qemu-img: turns an image into the raw disk that a machine runs from.

It reads what strangers made. So it is told the format and to open nothing besides, and it gets little memory (Nova's
limits after CVE-2015-5162 are the model). How much it will write is known before it writes.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from townos.errors import Invalid
from townos.i18n import Seconds
from townos.limits import VM_CONVERSION_MEMORY_BYTES, VM_CONVERSION_TIMEOUT_SECONDS, VM_MEASURE_TIMEOUT_SECONDS
from townos.posix.no_space import says_out_of_space
from townos.posix.process import Completed, ProcessFailed, ProcessTimeout, run
from townos.vm.formats import Format
from townos.vm.space import full


@dataclass(frozen=True, slots=True)
class Measure:
    """What a raw disk will be: the size that the guest sees, and about how much of it is more than holes, in bytes."""

    size: int
    written: int


class _Measured(msgspec.Struct, frozen=True):
    required: int


class Converter(Protocol):
    """What makes raw disks out of images."""

    async def measure(self, source: Path, kind: Format) -> Measure:
        """Say how large the disk will be. Raises `Invalid` for a damaged image."""

    async def convert(self, source: Path, kind: Format, target: Path) -> None:
        """Write the disk into a file that exists. Raises `Invalid`, `NoSpace`."""


class QemuImg:
    """The program."""

    async def measure(self, source: Path, kind: Format) -> Measure:
        """Say how large the disk will be."""
        return Measure(await self._required(source, kind, "raw"), await self._required(source, kind, "qcow2"))

    async def convert(self, source: Path, kind: Format, target: Path) -> None:
        """Write the disk into a file that exists."""
        arguments = ("convert", "-O", "raw", _described(source, kind), str(target))
        await _run(*arguments, timeout=VM_CONVERSION_TIMEOUT_SECONDS, directory=target.parent)

    async def _required(self, source: Path, kind: Format, target: Format) -> int:
        """Return the bytes of a file of another format; only for raw ones QEMU counts the holes too."""
        arguments = ("measure", "--output=json", "-O", target, _described(source, kind))
        completed = await _run(*arguments, timeout=VM_MEASURE_TIMEOUT_SECONDS, directory=source.parent)
        return msgspec.json.decode(completed.stdout, type=_Measured).required


def _described(source: Path, kind: Format) -> str:
    """Return the file's name with its format, so that QEMU neither guesses it nor follows it to other files."""
    description: dict[str, object] = {"driver": kind, "file": {"driver": "file", "filename": str(source)}}
    if kind in {"qcow2", "vmdk"}:
        description["backing"] = None
    return f"json:{json.dumps(description)}"


async def _run(*arguments: str, timeout: float, directory: Path) -> Completed:
    limits = ("prlimit", f"--as={VM_CONVERSION_MEMORY_BYTES}", "--core=0", "--")
    try:
        return await run([*limits, "qemu-img", *arguments], timeout=timeout)
    except ProcessFailed as error:
        if says_out_of_space(error.stderr):
            raise await full(directory) from error
        raise Invalid("vm.damaged") from error
    except ProcessTimeout as error:
        raise Invalid("vm.conversion_timeout", Seconds(timeout)) from error
