"""Child processes: started one way, ended always."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from townos.api.wire.problems import detail, expected
from townos.posix import process
from townos.posix.process import ProcessFailed, ProcessMissing, ProcessTimeout

PYTHON = sys.executable
ECHO_ARGUMENTS = [PYTHON, "-c", "import os,sys; sys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))"]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_output_and_status_come_back() -> None:
    done = await process.run([PYTHON, "-c", "print('out'); import sys; sys.stderr.write('err')"], timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out\n", b"err")


@settings(max_examples=10, deadline=None)
@given(words=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4))
def test_arguments_arrive_byte_for_byte(words: Sequence[str]) -> None:
    async def echo() -> bytes:
        return (await process.run([*ECHO_ARGUMENTS, *words], timeout=20)).stdout

    assert trio.run(echo) == "\0".join(words).encode()


async def test_a_failure_carries_the_arguments_and_the_end_of_standard_error() -> None:
    script = "import sys; sys.stderr.write('x' * 20000 + 'the reason'); sys.exit(3)"
    with pytest.raises(ProcessFailed) as failure:
        await process.run([PYTHON, "-c", script], timeout=20)
    assert failure.value.returncode == 3
    assert failure.value.stderr.endswith("the reason")
    assert len(failure.value.stderr) <= 8192
    assert failure.value.argv[0] == PYTHON


async def test_arguments_and_output_of_a_child_go_to_the_log_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ProcessFailed) as failed:
        await process.run(["sh", "-c", "echo cannot open /srv/house >&2; exit 3"], timeout=20)
    with pytest.raises(ProcessTimeout) as late:
        await process.run(["sh", "-c", "exec sleep 1000 # /srv/late"], timeout=0.1)
    for error in (failed.value, late.value, expected(failed.value)):
        assert "/srv" not in error.text() + str(error)
    assert "cannot open /srv/house" in caplog.text
    assert "# /srv/late" in caplog.text
    assert detail(expected(failed.value)) == detail(expected(RuntimeError("foreseen by nobody")))


async def test_an_unchecked_failure_is_a_result() -> None:
    assert (await process.run([PYTHON, "-c", "raise SystemExit(4)"], timeout=20, check=False)).returncode == 4


async def test_a_program_that_is_not_installed_is_named() -> None:
    with pytest.raises(ProcessMissing, match="no-such-program"):
        await process.run(["no-such-program"], timeout=20)


async def test_the_environment_is_clean_and_standard_input_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PARENT", "x")
    script = "import os,sys; print(sorted(os.environ), sys.stdin.read() == '')"
    done = await process.run([PYTHON, "-c", script], timeout=20, env={"EXTRA": "1"})
    assert b"SECRET" not in done.stdout
    assert b"EXTRA" in done.stdout
    assert done.stdout.endswith(b"True\n")


async def test_input_is_fed_and_a_child_that_does_not_read_it_still_ends() -> None:
    assert (await process.run(["cat"], input=b"data" * 100_000, timeout=20)).stdout == b"data" * 100_000
    assert (await process.run(["true"], input=b"data" * 1_000_000, timeout=20)).returncode == 0


async def test_a_timeout_kills_the_child_and_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 1000 & echo $! >> {pids}; echo $$ >> {pids}; wait"
    with pytest.raises(ProcessTimeout):
        await process.run(["sh", "-c", script], timeout=0.5)
    await ended([int(pid) for pid in pids.read_text().split()])


async def ended(pids: Sequence[int]) -> None:
    """Wait until none of the processes runs any more."""
    with trio.fail_after(10):
        while any(alive(pid) and not zombie(pid) for pid in pids):
            await trio.sleep(0.01)


def zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def test_a_cancelled_stream_leaves_no_child() -> None:
    with trio.CancelScope() as scope:
        async with process.stream(["sleep", "1000"]) as child:
            pid = child.pid
            scope.cancel()
            await trio.sleep_forever()
    assert not alive(pid)


async def test_a_streams_own_error_keeps_its_type() -> None:
    with pytest.raises(ProcessFailed) as failure:
        async with process.stream([PYTHON, "-c", "import sys; sys.exit('gone wrong')"]) as child:
            await child.check()
    assert failure.value.stderr == "gone wrong"


async def test_too_much_output_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PROCESS_OUTPUT_MAX_BYTES", 1000)
    with pytest.raises(Exception, match="printed more than 1000 bytes"):
        await process.run(["yes"], timeout=20)


class TestTerminal:
    """Standard error as a pseudo-terminal."""

    async def test_a_child_sees_a_wide_terminal_and_its_output_arrives_unchanged(self) -> None:
        script = "import os,sys; print(sys.stderr.isatty(), os.get_terminal_size(2).columns); os.write(2, bytes([10]))"
        chunks: list[bytes] = []
        async with process.stream([PYTHON, "-c", script], on_stderr=chunks.append, terminal=True) as child:
            assert await child.stdout.receive_some() == b"True 200\n"
            await child.check()
            assert await child.stderr_tail() == b"\n"
        assert b"".join(chunks) == b"\n"

    async def test_the_last_output_of_a_child_is_kept(self) -> None:
        said = "x" * 20_000 + "the reason"
        script = f"import sys; sys.stderr.write({said!r}); sys.exit(3)"
        with pytest.raises(ProcessFailed) as failure:
            async with process.stream([PYTHON, "-c", script], terminal=True) as child:
                await child.check()
        assert failure.value.stderr.endswith("the reason")

    async def test_a_cancel_ends_the_child_and_leaves_no_descriptor(self) -> None:
        before = set(Path("/proc/self/fd").iterdir())
        with trio.CancelScope() as scope:
            async with process.stream(["sleep", "1000"], terminal=True) as child:
                pid = child.pid
                scope.cancel()
                await child.wait()
        assert not alive(pid)
        assert set(Path("/proc/self/fd").iterdir()) == before

    async def test_a_missing_program_leaves_no_descriptor(self) -> None:
        before = set(Path("/proc/self/fd").iterdir())
        with pytest.raises(ProcessMissing):
            async with process.stream(["/no/such/program"], terminal=True):
                pytest.fail("it ran")
        assert set(Path("/proc/self/fd").iterdir()) == before
