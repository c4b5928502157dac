"""A file that is being downloaded, and what is known of it, so that a later try goes on where this one stopped.

What is known lies on the file itself, in extended attributes. Everything here blocks and runs in a worker thread.
"""

import os
from dataclasses import dataclass
from errno import ENODATA, ENOTSUP
from pathlib import Path
from typing import Final, Self

ORIGIN: Final = "user.town-os.origin"
"""The address that a file came from, without credentials and query."""
_VALIDATOR: Final = "user.town-os.validator"


@dataclass(slots=True)
class PartialFile:
    """An open file and the bytes that it has. `validator` tells the server which version of the whole they are of.

    It is a strong entity tag or a date (RFC 9110, If-Range), or empty: then nothing of it can be used again.
    """

    path: Path
    descriptor: int
    size: int
    validator: str

    @classmethod
    def open(cls, path: Path, origin: str) -> Self:
        """Open or make a file; one with bytes from elsewhere, or of an unknown version, begins anew."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            validator = attribute(descriptor, _VALIDATOR) if attribute(descriptor, ORIGIN) == origin else ""
            partial = cls(path, descriptor, os.fstat(descriptor).st_size, validator)
            if not validator:
                partial.restart()
            os.setxattr(descriptor, ORIGIN, origin.encode())
        except BaseException:
            os.close(descriptor)
            raise
        return partial

    def restart(self, validator: str = "") -> None:
        """Throw away the bytes; those to come are of another version."""
        os.ftruncate(self.descriptor, 0)
        os.setxattr(self.descriptor, _VALIDATOR, validator.encode())
        self.size, self.validator = 0, validator

    def append(self, data: bytes) -> None:
        """Add bytes. Raises `OSError`; what was written by then stays out of `size`."""
        view = memoryview(data)
        written = 0
        while written < len(view):
            written += os.pwrite(self.descriptor, view[written:], self.size + written)
        self.size += written

    def close(self) -> None:
        """Close the file; the bytes stay."""
        os.close(self.descriptor)


def attribute(file: int | Path, name: str) -> str:
    """Return an extended attribute, empty if there is none."""
    try:
        return os.getxattr(file, name).decode(errors="replace")
    except OSError as error:
        if error.errno not in {ENODATA, ENOTSUP}:
            raise
        return ""
