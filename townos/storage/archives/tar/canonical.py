"""A tar stream read, judged, and written anew, as it passes by.

Nothing is kept but the header that is being read: content passes in the pieces that it came in.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from townos.limits import ARCHIVE_EXTENSION_MAX_BYTES, ID_MAX
from townos.storage.archives.rules import Rules
from townos.storage.archives.tar.extensions import Records, applied, check_global, parse_long_name, parse_records
from townos.storage.archives.tar.headers import BLOCK_BYTES, END_BLOCK, Header, parse_header
from townos.storage.archives.tar.members import Kind, Member, clean_path, invalid_tar, refused
from townos.storage.archives.tar.writing import written

_KINDS: Final[Mapping[bytes, Kind]] = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,  # "contiguous", on systems that had such files
    b"1": Kind.HARD_LINK,
    b"2": Kind.SYMLINK,
    b"5": Kind.DIRECTORY,
    b"6": Kind.FIFO,
}
_DEVICES: Final = frozenset({b"3", b"4"})
_SPARSE: Final = b"S"
_VOLUME_LABEL: Final = b"V"
_PAX: Final = b"x"
_PAX_GLOBAL: Final = b"g"
_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
_EXTENSIONS: Final = frozenset({_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK})

_FILE_MODE: Final = 0o1777  # no program in a volume runs as somebody else
_DIRECTORY_MODE: Final = 0o3777  # but what is made in a directory may belong to its group
_MTIME_MAX: Final = 2**33 - 1  # the highest that eleven octal digits hold: the year 2242


class CanonicalTar:
    """Turns a stream of any of tar's dialects into one whose headers are ours; `rules` judge its members."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._held = bytearray()
        self._wanted = BLOCK_BYTES
        self._passing = 0
        self._extension = b""
        self._extension_bytes = 0
        self._global: Records = {}
        self._records: Records = {}
        self._zero_blocks = 0

    def feed(self, chunk: bytes) -> Iterator[bytes | memoryview]:
        """Take a piece of the stream, of any size; yield what is to be unpacked.

        Raises `Malformed` where it is no tar stream, and what `Rules.admit` raises. What was yielded until then has
        been judged.
        """
        rest = memoryview(chunk)
        while rest:
            if self._passing:
                passed, rest = rest[: self._passing], rest[self._passing :]
                self._passing -= len(passed)
                yield passed
                continue
            missing = self._wanted - len(self._held)
            self._held += rest[:missing]
            rest = rest[missing:]
            if len(self._held) == self._wanted:
                content, self._held = bytes(self._held), bytearray()
                yield self._next(content)

    @property
    def passing(self) -> int:
        """How many bytes of a file's content, with its padding, are still to come: nobody has to look at them."""
        return self._passing

    def passed(self, count: int) -> None:
        """Take note that so many of those have come, and have been handed over."""
        self._passing -= count

    def finish(self) -> None:
        """Take note that the stream has ended. Raises `Malformed` unless it was the end of an archive."""
        if self._zero_blocks < 2:
            raise invalid_tar("truncated")
        if any(self._held):
            raise invalid_tar("trailing")

    def _next(self, content: bytes) -> bytes:
        if self._extension:
            self._take_extension(content[: self._extension_bytes])
            return b""
        if content == END_BLOCK:
            return self._end()
        if self._zero_blocks:
            raise invalid_tar("trailing")
        header = parse_header(content)
        return self._begin_extension(header) if header.kind in _EXTENSIONS else self._member(header)

    def _end(self) -> bytes:
        if self._records:
            raise invalid_tar("extension")
        if self._zero_blocks >= 2:
            self._rules.count_bytes(BLOCK_BYTES)  # tapes are filled up with zeros, but not for ever
        self._zero_blocks += 1
        return 2 * END_BLOCK if self._zero_blocks == 2 else b""

    def _begin_extension(self, header: Header) -> bytes:
        if not 0 < header.size <= ARCHIVE_EXTENSION_MAX_BYTES:
            raise invalid_tar("extension")
        self._rules.count_bytes(BLOCK_BYTES + header.size)
        self._extension, self._extension_bytes = header.kind, header.size
        self._wanted = _padded(header.size)
        return b""

    def _take_extension(self, content: bytes) -> None:
        kind, self._extension, self._wanted = self._extension, b"", BLOCK_BYTES
        if kind == _PAX_GLOBAL:
            records = parse_records(content)
            check_global(records)
            self._global |= records
        elif kind == _PAX:
            self._records |= parse_records(content)
        else:
            key = b"path" if kind == _LONG_NAME else b"linkpath"
            self._records.setdefault(key, parse_long_name(content))

    def _member(self, header: Header) -> bytes:
        header = applied(header, self._global | self._records)
        self._records = {}
        if header.kind == _VOLUME_LABEL:
            self._rules.count_bytes(BLOCK_BYTES)
            return b""
        member = _read(header)
        self._rules.admit(member)
        self._passing = _padded(member.size)
        return b"" if member.kind is Kind.FIFO or not member.path else written(member)


def _read(header: Header) -> Member:
    """Return the member that a header means. Raises `Invalid` for kinds and owners that no volume can hold."""
    kind = _KINDS.get(header.kind)
    if kind is None:
        raise refused(_unknown(header.kind), header.name)
    if kind is Kind.FILE and header.name.endswith(b"/"):
        kind = Kind.DIRECTORY  # so they were written before directories had a kind of their own
    if max(header.uid, header.gid) > ID_MAX:
        raise refused("archive.owner", header.name)
    path = clean_path(header.name)
    if not path and kind is not Kind.DIRECTORY:
        raise refused("archive.no_name", header.name)
    return Member(
        path=path,
        kind=kind,
        size=header.size if kind is Kind.FILE else 0,  # of the others no content follows, whatever the header says
        mode=header.mode & (_DIRECTORY_MODE if kind is Kind.DIRECTORY else _FILE_MODE),
        uid=header.uid,
        gid=header.gid,
        mtime=min(max(header.mtime, 0), _MTIME_MAX),
        link=header.link,
    )


def _unknown(kind: bytes) -> str:
    if kind in _DEVICES:
        return "archive.device"
    return "archive.sparse" if kind == _SPARSE else "archive.kind"


def _padded(size: int) -> int:
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES
