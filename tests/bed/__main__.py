"""The test host's command line: `python3 -m tests.bed COMMAND`; the Makefile's targets use it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tests.bed import bed, foreground, lastword, parts, preflight, record
from tests.bed.bed import Bed
from tests.bed.options import Options
from tests.bed.places import CACHE, INSTANCE, TEST_PREFIX, BedError, BedName
from tests.bed.terminal import say


def main() -> int:
    """Carry out one command and return the exit status."""
    chosen = sys.argv[1:]
    command = _COMMANDS.get(chosen[0]) if len(chosen) == 1 else None
    if command is None:
        sys.stderr.write(f"usage: python3 -m tests.bed {'|'.join(_COMMANDS)}\n")
        return 2
    try:
        return command()
    except BedError as error:
        say(f"bed: {error}")
        return 1


def _up() -> int:
    """Boot a bed and print where it is, as JSON."""
    made = Bed.up(Options.read(os.environ), say)
    where = json.dumps({"url": made.url, "address": made.address, "host": made.host})
    print(where, flush=True)
    if outlasted := os.environ.get("OUTLAST"):
        lastword.repeat_after(int(outlasted), where)
    return 0


def _build() -> int:
    """Build all that a bed is assembled from, so that later boots take no time."""
    with parts.assembled(Options(), say):
        return 0


def _exec() -> int:
    """Run $CMD in a bed; its output is this command's output and its status is this command's status."""
    command = os.environ.get("CMD", "")
    if not command:
        raise BedError("CMD is empty: make bed-exec CMD='systemctl status'")
    return subprocess.run(Bed.attach(_name(os.environ)).argv(command), check=False).returncode


def _stop() -> int:
    """Stop a bed."""
    bed.sweep()
    bed.stop(_name(os.environ), until_reaped=True)
    return 0


def _stop_tests() -> int:
    """Stop the beds that tests of this checkout have booted."""
    bed.sweep()
    return _stop_each(name for name in _mine() if name.text.startswith(TEST_PREFIX))


def _stop_all() -> int:
    """Stop every bed of this checkout."""
    return _stop_each(_mine())


def _stop_everyone() -> int:
    """Stop every bed of this machine, whichever checkout booted it."""
    return _stop_each(record.everyone())


def _stop_each(names: Iterable[BedName]) -> int:
    for name in list(names):
        bed.stop(name, until_reaped=True)
    return 0


def _list() -> int:
    """Print the names of this checkout's beds."""
    for name in _mine():
        print(name.text)
    return 0


def _remove_cache() -> int:
    """Remove what beds are built from, and their volumes; refuse while one is up."""
    if _mine():
        raise BedError("beds of this checkout are up: their files stay")
    shutil.rmtree(CACHE, ignore_errors=True)
    return 0


def _mine() -> list[BedName]:
    return [name for name in record.everyone() if name.instance == INSTANCE]


def _name(environment: Mapping[str, str]) -> BedName:
    return BedName.parse(environment.get("BED_NAME") or "bed")


_COMMANDS: Final[Mapping[str, Callable[[], int]]] = {
    "build": _build,
    "up": _up,
    "exec": _exec,
    "stop": _stop,
    "stop-tests": _stop_tests,
    "stop-all": _stop_all,
    "stop-everyone": _stop_everyone,
    "list": _list,
    "remove-cache": _remove_cache,
    "run": foreground.run,
    "preflight": preflight.run,
}

if __name__ == "__main__":
    sys.exit(main())
