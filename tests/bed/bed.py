"""One bed: boot it, run commands in it, stop it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bed import cache, child, kernel, loops, network, parts, record, rootfs
from tests.bed.kernel import ControlGroup, wait_until
from tests.bed.launch import Plan
from tests.bed.options import Options, service_settings
from tests.bed.places import CHECKOUT, INSTANCE, RUN, SERVICE, BedError, BedName
from tests.bed.record import Record
from tests.bed.terminal import Say, silence

API_PORT: Final = 5309
BOOT_SECONDS: Final = 60
ANSWER_SECONDS: Final = 90
_ANSWER_PAUSE: Final = 0.1
END_SECONDS: Final = 20
REAP_SECONDS: Final = 10
HOPELESS_RESTARTS: Final = 4
_VOLUME_BYTES: Final = 16 * 1024**3
_LOCK: Final = RUN / "lock"


@dataclass(frozen=True, slots=True)
class Result:
    """How a command in a bed ended: its exit status and all that it printed."""

    status: int
    output: str
    error: str


@dataclass(frozen=True, slots=True)
class Bed:
    """A bed that is up.

    `url` is the API on this machine's loopback; `address` is the bed's end of the cable, `host` this machine's.
    """

    name: BedName
    url: str
    address: str
    host: str

    @classmethod
    def up(cls, options: Options, say: Say = silence) -> Bed:
        """Boot a fresh bed, replacing one of that name, and return when the API answers.

        Without the program it returns as soon as systemd takes orders. Raises `BedError`, the bed being gone again.
        """
        with ExitStack() as undo:
            with parts.assembled(options, say) as made:
                sweep()
                stop(options.name)
                undo.callback(stop, options.name)
                listeners = _listen(options)
                kept = _reserve(options, made, listeners[0].getsockname()[1])
            say(f"booting bed {options.name.text!r}")
            bed = _boot(options, kept, listeners)
            bed.check(f"systemctl start {' '.join(rootfs.ENABLED)}")
            if options.zipapp:
                say("waiting for Town OS to answer")
                bed.wait_for_answer()
            undo.pop_all()
        return bed

    @classmethod
    def attach(cls, name: BedName) -> Bed:
        """Return the bed of that name that is up; raise `BedError` if there is none."""
        found = record.require(name)
        return cls(name, found.url, found.address, found.host)

    def argv(self, command: str) -> list[str]:
        """Return the argument list that runs a shell command inside."""
        found = record.require(self.name)
        inside = ["/usr/bin/env", "-i", *(f"{key}={value}" for key, value in child.CLEAN.items())]
        return ["nsenter", f"--target={found.leader}", "--all", *inside, "/bin/sh", "-c", command]

    def run(self, command: str, *, standard_input: str = "", seconds: float = 120) -> Result:
        """Run a shell command inside to its end; the command's text arrives byte for byte."""
        done = subprocess.run(
            self.argv(command), input=standard_input, capture_output=True, text=True, timeout=seconds, check=False
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def check(self, command: str, *, standard_input: str = "", seconds: float = 120) -> str:
        """Run a shell command inside and return what it printed; raise `BedError` if it fails."""
        done = self.run(command, standard_input=standard_input, seconds=seconds)
        if done.status:
            raise BedError(f"in the bed, {command[:500]!r} ended with {done.status}:\n{done.output}{done.error}")
        return done.output

    def put(self, path: str, content: str) -> None:
        """Write a text file inside, with its directories."""
        quoted = "'" + path.replace("'", "'\\''") + "'"
        self.check(f'mkdir -p "$(dirname {quoted})" && cat > {quoted}', standard_input=content)

    def wait_for_answer(self) -> None:
        """Return when the API answers its ping; raise `BedError` with its log if the service fails again and again."""
        limit = self.restarts() + HOPELESS_RESTARTS
        wait_until(lambda: self.answers() or self.restarts() >= limit, ANSWER_SECONDS, pause=_ANSWER_PAUSE)
        if not self.answers():
            log = self.run(f"journalctl --no-pager --output=cat --lines=60 --unit={SERVICE}").output
            raise BedError(f"Town OS does not answer in bed {self.name.text!r}; its log ends with:\n{log}")

    def restarts(self) -> int:
        """Return how often systemd has started the service again by itself."""
        return int(self.check(f"systemctl show --value --property=NRestarts {SERVICE}"))

    def answers(self) -> bool:
        """Ask once whether the API is there."""
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://{self.address}:{API_PORT}/status/ping", timeout=5) as reply,
        ):
            return bool(reply.status == 200)
        return False

    def stop(self) -> None:
        """Take the bed down."""
        stop(self.name)


def stop(name: BedName, *, until_reaped: bool = False) -> None:
    """End every process of a bed and take back all that it had of this machine; nothing happens if it is not there.

    `until_reaped` also waits until init has taken the ended processes off the process list, which some do lazily.
    """
    with cache.locked(_LOCK):
        ended = ControlGroup(name.machine).processes() if until_reaped else []
        _take_down(name)
        wait_until(lambda: not any(Path("/proc", str(process)).exists() for process in ended), REAP_SECONDS)


def sweep() -> None:
    """Take down beds of this checkout whose machine has died without being stopped."""
    with cache.locked(_LOCK):
        for name in record.everyone():
            found = record.read(name)
            if name.instance == INSTANCE and not (found and found.owned):
                _take_down(name)


def _take_down(name: BedName) -> None:
    found = record.read(name)
    ControlGroup(name.machine).end(END_SECONDS)
    if found:
        loops.remove(found.network)
    if Path("/sys/class/net", name.link).exists():
        child.attempt(["ip", "link", "delete", name.link])
    _free_loop_device(name)
    if name.state.exists():
        child.run(["rm", "-rf", "--one-file-system", str(name.state)])
    if not record.everyone():
        kernel.restore_watchers()


def _free_loop_device(name: BedName) -> None:
    """Wait for the kernel to let go of the volume's image, which it does a moment after the last process has ended."""

    def attached() -> str:
        return child.run(["losetup", "--noheadings", "--output", "NAME", "--associated", str(name.volume)]).strip()

    if not wait_until(lambda: not attached(), END_SECONDS):
        raise BedError(f"{attached()} still holds {name.volume}")


def _reserve(options: Options, made: parts.Parts, port: int) -> Record:
    """Write the bed's record, which makes its name, its network and its layers its own."""
    with cache.locked(_LOCK):
        taken = [found.network for found in map(record.read, record.everyone()) if found]
        cable = network.free(taken)
        url = f"http://127.0.0.1:{port}"
        owner = os.getpid()
        kept = Record(cable.number, made.layers, cable.address, cable.host, url, owner, kernel.started(owner))
        record.write(options.name, kept)
        kernel.allow_watchers()
    return kept


def _boot(options: Options, kept: Record, listeners: list[socket.socket]) -> Bed:
    """Launch the machine and wait for its systemd."""
    name = options.name
    group = ControlGroup(name.machine)
    group.make("forward", "exec")
    _make_volume(options)
    _launch(_plan(options, kept, group))
    supervisor, leader = _wait_for_systemd(name)
    loops.add(kept.network, Path(f"/proc/{leader}/root/dev"))
    record.write(name, kept.booted(supervisor, leader))
    _forward(listeners, (API_PORT, *options.ports), kept.address, group)
    return Bed(name, kept.url, kept.address, kept.host)


def _listen(options: Options) -> list[socket.socket]:
    listeners = []
    for port in (options.port, *options.ports):
        try:
            listeners.append(socket.create_server(("127.0.0.1", port), backlog=512))
        except OSError as error:
            raise BedError(f"port {port} of this machine is taken: {error.strerror}") from error
    return listeners


def _make_volume(options: Options) -> None:
    """Make the btrfs volume's image, unless the last one is to be kept."""
    image = options.name.volume
    if options.keep and image.exists():
        return
    image.parent.mkdir(parents=True, exist_ok=True)
    image.unlink(missing_ok=True)
    with image.open("wb") as blank:
        blank.truncate(_VOLUME_BYTES)
    child.run(["mkfs.btrfs", "--quiet", "--label", "town-os", str(image)])


def _plan(options: Options, kept: Record, group: ControlGroup) -> Plan:
    cable = network.Network(kept.network)
    return Plan(
        machine=options.name.machine,
        state=str(options.name.state),
        cgroup=str(group.path),
        layers=kept.layers,
        volume=str(options.name.volume),
        zipapp=str(options.zipapp or ""),
        unit=str(CHECKOUT / "zipapp" / SERVICE),
        service_settings=service_settings(options.environment),
        files=str(options.files or ""),
        source=options.source,
        link=options.name.link,
        host=cable.host,
        address=cable.address,
        nowhere=cable.nowhere,
        caller=os.getpid(),
    )


def _launch(plan: Plan) -> None:
    """Start the bed's first process in namespaces of its own, with no tie to this process but the kernel's."""
    unshare = ["unshare", "--mount", "--net", "--propagation", "private", "--"]
    with Path(plan.state, "console.log").open("w") as console:
        subprocess.run(
            ["setsid", "--fork", *unshare, sys.executable, "-m", "tests.bed.launch"],
            input=plan.text(),
            text=True,
            stdout=console,
            stderr=console,
            cwd=CHECKOUT,
            env={**child.CLEAN, "PYTHONDONTWRITEBYTECODE": "1"},
            check=True,
        )


def _wait_for_systemd(name: BedName) -> tuple[int, int]:
    """Return the processes of systemd-nspawn and of the systemd that it booted."""
    number = name.state / "supervisor"
    found: list[int] = []

    def decided() -> bool:
        if not number.exists() or not number.read_text():
            return False
        supervisor = int(number.read_text())
        leader = kernel.machine_init(supervisor)
        if leader and Path(f"/proc/{leader}/root/run/systemd/private").exists():
            found[:] = [supervisor, leader]
        return bool(found) or not kernel.started(supervisor)

    wait_until(decided, BOOT_SECONDS)
    if not found:
        console = (name.state / "console.log").read_text(errors="replace")
        raise BedError(f"bed {name.text!r} does not boot:\n{console[-4000:]}")
    return found[0], found[1]


def _forward(listeners: list[socket.socket], ports: tuple[int, ...], address: str, group: ControlGroup) -> None:
    """Start the forwarder in the bed's control group, so that it ends with the bed."""
    pairs = [f"{listener.fileno()}:{port}" for listener, port in zip(listeners, ports, strict=True)]
    enter = f'echo 0 > "{group.path}/forward/cgroup.procs" && exec "$@"'
    with Path(os.devnull).open("r+") as null:
        subprocess.run(
            [
                "setsid",
                "--fork",
                "sh",
                "-c",
                enter,
                "forward",
                sys.executable,
                "-m",
                "tests.bed.forward",
                address,
                *pairs,
            ],
            stdin=null,
            stdout=null,
            stderr=null,
            cwd=CHECKOUT,
            env={**child.CLEAN, "PYTHONDONTWRITEBYTECODE": "1"},
            pass_fds=[listener.fileno() for listener in listeners],
            check=True,
        )
    for listener in listeners:
        listener.close()
