"""Run a command on make's own standard output, from inside a `$(shell)` of the Makefile.

There the command's output would go to make itself, and variables from make's command line would be missing from the
environment. So both are taken from the make process, which is this one's parent.
"""

import ctypes
import os
import re
import sys
from pathlib import Path
from typing import Final

PIDFD_GETFD: Final = 438
"""The system call's number, the same on every architecture since Linux 5.6; the C library has no wrapper."""
VARIABLE: Final = re.compile(rb"(CMD|BED_[A-Z]+)=(.*)", re.DOTALL)


def standard_output(process: int) -> int:
    """Return a descriptor for another process's standard output: the same open file, with the same position."""
    handle = os.pidfd_open(process)
    descriptor = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, handle, 1, 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "cannot write to make's standard output")
    return int(descriptor)


def given_variables(process: int) -> dict[bytes, bytes]:
    """Return the variables that make was given on its command line, byte for byte."""
    arguments = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    # make drops blanks before a value.
    return {found[1]: found[2].lstrip() for argument in arguments if (found := VARIABLE.fullmatch(argument))}


def main() -> None:
    """Become the command."""
    make = os.getppid()
    os.dup2(standard_output(make), 1)
    os.execvpe(sys.argv[1], sys.argv[1:], {**os.environb, **given_variables(make)})


if __name__ == "__main__":
    main()
