"""Have the last word on standard output, after the make that runs this.

`make -C` writes "Leaving directory" when it ends, after everything that its recipes have printed, and no setting in a
Makefile of make 4.3 prevents it. Who reads the last line still has to find the result there: so a process watches make
as a debugger would, and writes the line when make has written its own and is about to be gone.
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

# ptrace(2): requests, the option to be told of the exit, and how that shows in the status of a wait.
_CONTINUE: Final = 7
_SEIZE: Final = 0x4206
_TELL_OF_EXIT: Final = 0x40
_EXITING: Final = signal.SIGTRAP | (6 << 8)
_WAIT_FOR_ANY_THREAD: Final = 0x40000000


def repeat_after(process: int, line: str) -> None:
    """Print `line` when that process ends, before whoever started it learns of the end; return as soon as this is sure.

    Where the kernel lets nobody watch the process, nothing is printed.
    """
    ready, tell = os.pipe()
    if os.fork():
        os.close(tell)
        os.read(ready, 1)
        return
    status = 1
    try:
        os.setsid()
        _ptrace(_SEIZE, process, _TELL_OF_EXIT)
        os.close(ready)
        os.close(tell)
        _let_run_to_its_exit(process)
        os.write(1, f"{line}\n".encode())
        status = 0
    finally:
        # The watched process goes on when its watcher ends.
        os._exit(status)


def _let_run_to_its_exit(process: int) -> None:
    while True:
        _, status = os.waitpid(process, _WAIT_FOR_ANY_THREAD)
        if not os.WIFSTOPPED(status) or status >> 8 == _EXITING:
            return
        # Any other stop is a signal on its way, which is passed on; a bare trap is none.
        number = os.WSTOPSIG(status)
        _ptrace(_CONTINUE, process, 0 if number == signal.SIGTRAP else number)


def _ptrace(request: int, process: int, data: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    library.ptrace.restype = ctypes.c_long
    if library.ptrace(request, process, None, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
