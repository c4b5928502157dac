"""`make run`: Town OS in a bed for a person to try, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from tests.bed import record, repositories
from tests.bed.bed import API_PORT, Bed
from tests.bed.options import Options
from tests.bed.places import BedError
from tests.bed.terminal import say

DEMONSTRATION: Final = Path(__file__).with_name("demonstration")
DEMONSTRATION_PORT: Final = 8090
_LOOK_SECONDS: Final = 1.0


class _Interrupted(BaseException):
    """Somebody asked this process to end."""


def run() -> int:
    """Boot a bed with the demonstration repository, print the address to open, and take it down when told to."""
    if os.geteuid() != 0:
        raise BedError("`make run` boots a machine of its own, which only root may. Run it as root: `sudo make run`")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    bed = None
    try:
        with tempfile.TemporaryDirectory() as files:
            furnish_demonstration(Path(files))
            bed = Bed.up(_options(Path(files)), say)
        say(f"the demonstration web server will answer at http://127.0.0.1:{DEMONSTRATION_PORT}/ once it is installed")
        say("Ctrl-C takes everything down. Open this address:")
        print(f"{bed.url}/", flush=True)
        return _stay(bed)
    except _Interrupted:
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if bed:
            bed.stop()


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise _Interrupted


def _options(files: Path) -> Options:
    chosen = Options.read({**os.environ, "BED_NAME": os.environ.get("BED_NAME") or "run", "BED_FILES": str(files)})
    ports = tuple(port for port in (DEMONSTRATION_PORT,) if _is_free(port))
    if not ports:
        say(f"port {DEMONSTRATION_PORT} is taken on this machine: the demonstration answers at the bed's address only")
    return replace(chosen, ports=ports, port=chosen.port or (API_PORT if _is_free(API_PORT) else 0))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def furnish_demonstration(files: Path) -> None:
    """Put the demonstration repository into the files of the bed, and make it the only one that is configured."""
    files.chmod(0o755)
    repositories.bare(DEMONSTRATION, files / repositories.GIT_ROOT.lstrip("/") / "demonstration")
    configured = files / "town-os/data/repos/repositories.json"
    configured.parent.mkdir(parents=True)
    configured.write_text(json.dumps([{"name": "demonstration", "url": repositories.url("demonstration")}]))
    configured.chmod(0o600)


def _stay(bed: Bed) -> int:
    """Return 1 when the machine has gone by itself."""
    waiting = threading.Event()
    while (found := record.read(bed.name)) and found.running:
        waiting.wait(_LOOK_SECONDS)
    say("the machine has stopped")
    return 1
