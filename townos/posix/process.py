"""The one way to start a child process.

Argument lists only, never a shell; a clean environment; no standard input unless it is given; the child and all that it
started are killed when the waiting task is cancelled. Errors carry the arguments and the end of standard error, and the
log has them too; their texts do not, because they reach people for whom paths and secrets are not meant.
"""

import logging
import os
import shlex
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from fcntl import F_SETPIPE_SZ, fcntl
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Final, Self

import trio
from trio.lowlevel import FdStream

from townos.concurrency import open_nursery, shielded
from townos.errors import Internal
from townos.i18n import Bytes, Seconds
from townos.limits import PROCESS_KILL_GRACE_SECONDS, PROCESS_OUTPUT_MAX_BYTES, PROCESS_STDERR_TAIL_BYTES
from townos.posix.terminal import Terminal

log: Final = logging.getLogger(__name__)

CLEAN_ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
}


class ProcessFailed(Internal):
    """The child ended with a status other than zero. `stderr` is the end of what it said."""

    def __init__(self, argv: Sequence[str], returncode: int, stderr: bytes) -> None:
        self.argv = tuple(argv)
        self.returncode = returncode
        self.stderr = stderr[-PROCESS_STDERR_TAIL_BYTES:].decode(errors="replace").strip()
        super().__init__("http.internal")


class ProcessTimeout(Internal):
    """The child did not end in time and was killed."""

    def __init__(self, argv: Sequence[str], seconds: float) -> None:
        self.argv = tuple(argv)
        super().__init__("process.timeout", Path(argv[0]).name, Seconds(seconds))


class ProcessMissing(Internal):
    """The program is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__("process.missing", program)


@dataclass(frozen=True, slots=True)
class Completed:
    """A child that has ended."""

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes

    def check(self) -> Self:
        """Return this. Raises `ProcessFailed` unless the status is zero."""
        if not self.returncode:
            return self
        failure = ProcessFailed(self.argv, self.returncode, self.stderr)
        log.error("%s failed with status %d: %s", shlex.join(self.argv), self.returncode, failure.stderr)
        raise failure


class Child:
    """A running child of `stream`."""

    def __init__(
        self,
        argv: Sequence[str],
        process: trio.Process,
        stderr: trio.abc.ReceiveStream,
        on_stderr: Callable[[bytes], None] | None,
    ) -> None:
        self._stderr = stderr
        self._on_stderr = on_stderr
        self._argv = tuple(argv)
        self._process = process
        self._tail = bytearray()
        self._tail_complete = trio.Event()

    @property
    def pid(self) -> int:
        """The process id, which is also its process group's."""
        return self._process.pid

    @property
    def stdout(self) -> FdStream:
        """What the child prints."""
        assert isinstance(self._process.stdout, FdStream)
        return self._process.stdout

    @property
    def stdin(self) -> FdStream:
        """What the child reads; only of a child started with `stdin=True`."""
        assert isinstance(self._process.stdin, FdStream)
        return self._process.stdin

    async def wait(self) -> int:
        """Wait for the end and return the exit status; negative is the signal that killed it."""
        return await self._process.wait()

    async def stderr_tail(self) -> bytes:
        """Return the end of what the child said on standard error, once it has ended."""
        # A daemon left behind by the child may hold the pipe open for ever: what has arrived by then must do.
        with trio.move_on_after(PROCESS_KILL_GRACE_SECONDS):
            await self._tail_complete.wait()
        return bytes(self._tail)

    async def check(self) -> None:
        """Wait for the end. Raises `ProcessFailed` unless the status is zero."""
        if returncode := await self.wait():
            Completed(self._argv, returncode, b"", await self.stderr_tail()).check()

    async def _drain_stderr(self) -> None:
        async for chunk in self._stderr:
            if self._on_stderr is not None:
                self._on_stderr(bytes(chunk))
            self._tail += chunk
            del self._tail[:-PROCESS_STDERR_TAIL_BYTES]
        self._tail_complete.set()

    async def _end(self) -> None:
        """Kill a child that still runs, with its process group, and reap it. Cannot be cancelled, and is quick.

        What a child that ended by itself left running is meant to stay: podman's monitors are such.
        """
        with shielded(PROCESS_KILL_GRACE_SECONDS, "ending a child process"):
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout, self._stderr):
                if pipe is not None:
                    await pipe.aclose()


async def run(
    argv: Sequence[str],
    *,
    input: bytes | None = None,  # noqa: A002  the word of subprocess.run
    timeout: float,
    check: bool = True,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Completed:
    """Run a child to its end and return what it printed.

    `timeout` is in seconds; `env` is added to the clean environment; of standard error only the end is kept. Raises
    `ProcessFailed` (when `check`), `ProcessTimeout` and `ProcessMissing`; output beyond the limit is an error.
    """
    stdout = bytearray()
    with trio.move_on_after(timeout) as scope:
        async with (
            stream(argv, stdin=input is not None, cwd=cwd, env=env) as child,
            open_nursery() as nursery,
        ):
            if input is not None:
                nursery.start_soon(_feed, child.stdin, input)
            async for chunk in child.stdout:
                stdout += chunk
                if len(stdout) > PROCESS_OUTPUT_MAX_BYTES:
                    raise Internal("process.output_too_large", argv[0], Bytes(PROCESS_OUTPUT_MAX_BYTES))
            completed = Completed(tuple(argv), await child.wait(), bytes(stdout), await child.stderr_tail())
            nursery.cancel_scope.cancel()  # an ended child will not read the rest of its input
            return completed.check() if check else completed
    assert scope.cancelled_caught
    log.error("%s did not finish within %g seconds", shlex.join(argv), timeout)
    raise ProcessTimeout(argv, timeout)


async def _feed(stdin: trio.abc.SendStream, data: bytes) -> None:
    try:
        async with stdin:
            await stdin.send_all(data)
    except trio.BrokenResourceError:
        return  # the child ended early: its status tells why


@asynccontextmanager
async def stream(
    argv: Sequence[str],
    *,
    stdin: bool = False,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_stderr: Callable[[bytes], None] | None = None,
    terminal: bool = False,
    pipe_bytes: int | None = None,
) -> AsyncIterator[Child]:
    """Start a child in a session of its own; on the way out kill it, with its process group, if it still runs.

    Standard error is drained all along and its end kept; `on_stderr` sees each chunk. With `terminal` it is a
    pseudo-terminal, for programs that tell their progress to nothing else. `pipe_bytes` is how much the pipes of a
    child through which much flows should hold, so that the two sides take turns less often. Raises `ProcessMissing`.
    """
    async with _standard_error(terminal) as (ours, theirs):
        try:
            process = await trio.lowlevel.open_process(
                list(argv),
                stdin=PIPE if stdin else DEVNULL,
                stdout=PIPE,
                stderr=theirs,
                cwd=cwd,
                env={**CLEAN_ENVIRONMENT, **(env or {})},
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ProcessMissing(argv[0]) from error
    stderr = ours or process.stderr
    assert stderr is not None
    if pipe_bytes is not None:
        _enlarge(process, pipe_bytes)
    child = Child(argv, process, stderr, on_stderr)
    try:
        async with open_nursery() as nursery:
            nursery.start_soon(child._drain_stderr)  # noqa: SLF001  the module's own class
            yield child
            nursery.cancel_scope.cancel()
    finally:
        await child._end()  # noqa: SLF001


@asynccontextmanager
async def _standard_error(terminal: bool) -> AsyncIterator[tuple[Terminal | None, int]]:
    """Yield our end of a terminal, if there is to be one, and what the child gets, which is closed here afterwards."""
    if not terminal:
        yield None, PIPE
        return
    ours, theirs = Terminal.open()
    try:
        yield ours, theirs
    except BaseException:
        await trio.aclose_forcefully(ours)
        raise
    finally:
        os.close(theirs)


def _enlarge(process: trio.Process, pipe_bytes: int) -> None:
    for pipe in (process.stdin, process.stdout):
        if isinstance(pipe, FdStream):
            # Refused when this user's pipes hold much already: then it goes on as it was, a little slower.
            with suppress(PermissionError):
                fcntl(pipe.fileno(), F_SETPIPE_SZ, pipe_bytes)
