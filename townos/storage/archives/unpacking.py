"""Unpacking an archive, in one pass, into a directory that nobody else writes to.

`tar` is told, with the reason for each option:

* `--same-owner --numeric-owner`: files keep their owners, as numbers; names mean others in each container;
* `--preserve-permissions`: and the modes that we let through, which are all but the set-id bits of files;
* `--no-xattrs --no-acls --no-selinux`: but no attributes, hence no capabilities; we do not pass them on either;
* `--delay-directory-restore`: directories get their modes and times when all is in them;
* `--blocking-factor`: reads in large pieces;
* `--warning=no-timestamp`: a time in the future is nothing to complain about.

What else it says is an error: it is given nothing that it would warn of. The member for the directory itself, `./`, is
left out, so a volume's own owner and mode stay as they are.
"""

from collections.abc import AsyncIterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from townos.errors import Invalid, NoSpace
from townos.i18n import Bytes
from townos.limits import (
    ARCHIVE_CHUNK_BYTES,
    ARCHIVE_COMPLAINT_MAX_BYTES,
    ARCHIVE_PIPE_BYTES,
    ARCHIVE_SPLICE_MIN_BYTES,
)
from townos.posix import process
from townos.posix.no_space import says_out_of_space
from townos.posix.process import Completed
from townos.quantities import format_duration
from townos.storage.archives.decompression import TarStream, tar_stream
from townos.storage.archives.rules import ArchiveLimits, Rules
from townos.storage.archives.tar.canonical import CanonicalTar

_SHORT_WRITE: Final = b"Wrote only "
"""How tar calls a write that only began: of what is written to a file, a full disk or quota cuts it."""
_TAR: Final = (
    "tar",
    "--extract",
    "--file=-",
    "--same-owner",
    "--numeric-owner",
    "--preserve-permissions",
    "--no-xattrs",
    "--no-acls",
    "--no-selinux",
    "--delay-directory-restore",
    f"--blocking-factor={ARCHIVE_CHUNK_BYTES // 512}",
    "--warning=no-timestamp",
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """How much an archive held: the bytes of its content, and what was made."""

    bytes: int
    members: int


async def unpack(
    source: AsyncIterable[bytes], file_name: str, target: Path, limits: ArchiveLimits, *, depth: int = 0
) -> Unpacked:
    """Unpack an archive file of any of the formats into an empty directory; return how much it was.

    `file_name` is what the file is called by whoever sent it, and only its extension counts. `depth` is how many
    directories below its volume's own the content will be: so far up may links lead.

    Raises `Malformed` for what is no archive or is cut off, `Invalid` for members that must not be unpacked and after
    `limits.seconds`, `Forbidden` for more than the limits, `NoSpace`, and whatever `source` raises. After any error,
    and when cancelled, no child is left and the directory holds what there was until then: it is to be deleted.
    """
    with trio.move_on_after(limits.seconds):
        return await _unpack(source, file_name, target, Rules(limits, depth))
    raise Invalid.at("archive", "archive.timed_out", format_duration(round(limits.seconds)))


async def _unpack(source: AsyncIterable[bytes], file_name: str, target: Path, rules: Rules) -> Unpacked:
    async with tar_stream(source, file_name) as stream:
        canonical = CanonicalTar(rules)
        await _extract(stream, canonical, target, rules)
        return Unpacked(rules.bytes, rules.members)


async def _extract(stream: TarStream, canonical: CanonicalTar, target: Path, rules: Rules) -> None:
    argv = (*_TAR, f"--directory={target}")
    complaint = _Complaint()
    with complaint.scope:
        async with process.stream(argv, stdin=True, pipe_bytes=ARCHIVE_PIPE_BYTES, on_stderr=complaint.hear) as tar:
            with suppress(trio.BrokenResourceError):  # tar has ended early: its status and its words tell why
                while chunk := await stream.read():
                    await _pass_on(canonical, chunk, tar.stdin)
                    if canonical.passing >= ARCHIVE_SPLICE_MIN_BYTES:
                        canonical.passed(await stream.pass_on(canonical.passing, tar.stdin))
                canonical.finish()
                # Not before all is known to be well: the end of its input is what tells tar that it was all.
                await tar.stdin.aclose()
            complaint.status = await tar.wait()
            await tar.stderr_tail()
    complaint.check(argv, rules.bytes)


async def _pass_on(canonical: CanonicalTar, chunk: bytes, stdin: trio.abc.SendStream) -> None:
    """Judge a piece of the stream and only then hand it over."""
    pieces = list(canonical.feed(chunk))
    await stdin.send_all(pieces[0] if len(pieces) == 1 else b"".join(pieces))


class _Complaint:
    """What tar said, and the end of unpacking with its first line: it would go on after most errors."""

    def __init__(self) -> None:
        self.scope = trio.CancelScope()
        self.status: int | None = None
        self._said = bytearray()

    def hear(self, chunk: bytes) -> None:
        self._said += chunk[: ARCHIVE_COMPLAINT_MAX_BYTES - len(self._said)]
        if b"\n" in chunk:
            self.scope.cancel()

    def check(self, argv: tuple[str, ...], unpacked: int) -> None:
        """Raise `NoSpace` or `ProcessFailed` unless tar ended well and in silence."""
        if self.status == 0 and not self._said:
            return
        if _SHORT_WRITE in self._said or says_out_of_space(self._said.decode(errors="replace")):
            raise NoSpace("archive.no_space", Bytes(unpacked))
        Completed(argv, self.status or -1, b"", bytes(self._said)).check()
