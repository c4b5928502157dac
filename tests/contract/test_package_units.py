"""The units of random packages: systemd reads what was meant, and podman runs it, byte for byte."""

import os
import re
import select
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trio
from hypothesis import HealthCheck, given, seed, settings

from tests.support.packages import Written, packages
from townos.containers.seccomp import write_profile
from townos.images import ImageReference
from townos.installations.planning.unit import PODMAN, service_unit
from townos.names import PackageId
from townos.packages.compile import HostNames, compile_package
from townos.packages.loading import load_manifest
from townos.packages.package import Package
from townos.systemd.unitfile import Exec, entries, parse

pytestmark = pytest.mark.bed

UNITS = Path("/run/systemd/system")
FOLDER = Path("/run/town-os-test-units")
PREFIX = "town-os-package--units-"
DROP_IN = UNITS / f"{PREFIX}.service.d" / "test.conf"
"""Holds for every unit whose name begins so."""
COMMANDS = ("ExecStartPre", "ExecStart", "ExecStop", "ExecStopPost")
BEGIN = "a command begins"
SAY = rf'/usr/bin/printf -- "%%s\\0" "{BEGIN}" '
"""Stands before the commands of a unit, and prints their words instead."""
PROFILE = FOLDER / "seccomp.json"
STAY = ImageReference("docker.io/town-os-test/stay:latest")
STAYING = """\
#!/bin/sh
trap 'exit 0' TERM
echo ready
while :; do /bin/sleep 1000 & wait; done
"""
READY = b"ready\n"
READY_SECONDS = 60
AT_ONCE = 20


@dataclass(frozen=True)
class Unit:
    """A random package with a unit of its own."""

    package: Package
    written: Written

    @property
    def name(self) -> str:
        return self.package.id.unit

    @property
    def text(self) -> str:
        places = {volume.name: self.place / volume.name for volume in self.package.volumes}
        return service_unit(self.package, places, "host", PROFILE)

    @property
    def place(self) -> Path:
        return FOLDER / "volumes" / self.package.id.version


def random_units(count: int, number: int) -> list[Unit]:
    """Return units that are the same in every run."""
    units: list[Unit] = []

    @seed(number)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(packages(runtime="container"))
    def write(written: Written) -> None:
        identity = PackageId.parse("units", "random", str(len(units)))
        manifest = load_manifest(written.content, "random")
        host = HostNames("town.example", "192.168.1.2")
        units.append(Unit(compile_package(identity, manifest, written.answers, host), written))

    write()
    return units


@pytest.fixture(autouse=True)
def _no_trace() -> Iterator[None]:
    FOLDER.mkdir()
    DROP_IN.parent.mkdir()
    yield
    for path in UNITS.glob(f"{PREFIX}*.service"):
        path.unlink()
    shutil.rmtree(DROP_IN.parent)
    shutil.rmtree(FOLDER)
    systemctl("daemon-reload")


def systemctl(*words: str) -> None:
    subprocess.run(["systemctl", *words], check=True, capture_output=True, text=True)


def written(commands: Sequence[bytes]) -> list[list[str]]:
    """Return the words of each command that was said instead of being carried out."""
    said: list[list[str]] = []
    for word in commands:
        if word.decode() == BEGIN:
            said.append([])
        else:
            said[-1].append(word.decode())
    return said


def meant(unit: Unit) -> list[list[str]]:
    """Return the words of each command of a unit, in the order in which systemd carries them out."""
    parsed = parse(unit.text)
    return [list(entry.argv) for name in COMMANDS for entry in entries(parsed, name) if isinstance(entry, Exec)]


def run(unit: Unit) -> list[str]:
    """Return how podman must be called, put together from what the author wrote."""
    package = unit.package
    variables = [word for name, value in sorted(unit.written.environment.items()) for word in ("-e", f"{name}={value}")]
    volumes = [
        word for volume in package.volumes for word in ("-v", f"{unit.place / volume.name}:{volume.mountpoint}:rw,z")
    ]
    options = ["--name", package.id.container, "--systemd=true", "--pull=never", "--log-driver=none"]
    options += ["--security-opt", f"seccomp={PROFILE}", "--net", "host"]
    return [PODMAN, "run", *options, *variables, *volumes, str(package.image), *unit.written.command]


@pytest.mark.conformance("HOLE-01", "UNIT-04")
def test_systemd_reads_the_words_and_variables_that_were_meant() -> None:
    units = random_units(300, 1)
    DROP_IN.write_text(f"[Service]\nType=oneshot\nStandardOutput=append:{FOLDER}/%n\n")
    for unit in units:
        (UNITS / unit.name).write_text(
            re.sub(r"^(Exec\w+=-?)", lambda found: found[1] + SAY, unit.text, flags=re.MULTILINE)
        )
    systemctl("daemon-reload")
    names = [unit.name for unit in units]
    systemctl("start", *names)
    systemctl("stop", *names)  # ends when what follows a start has ended
    for unit in units:
        said = written((FOLDER / unit.name).read_bytes().split(b"\0")[:-1])
        assert said == meant(unit)
        assert run(unit) in said


@pytest.fixture
def staying() -> Iterator[None]:
    """An image whose program stays alive and leaves its arguments and variables as they are."""
    trio.run(write_profile, PROFILE)
    context = FOLDER / "image"
    context.mkdir()
    (context / "stay").write_text(STAYING)
    (context / "stay").chmod(0o755)
    (context / "Containerfile").write_text('FROM docker.io/library/busybox\nCOPY stay /stay\nENTRYPOINT ["/stay"]\n')
    subprocess.run(["podman", "build", "--tag", STAY, str(context)], check=True, capture_output=True)
    yield
    subprocess.run(["podman", "rmi", "--force", "--ignore", STAY], check=True, capture_output=True)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.conformance("HOLE-01", "UNIT-04")
@pytest.mark.usefixtures("staying")
def test_a_container_gets_its_arguments_and_variables_byte_for_byte() -> None:
    units = [replace(unit, package=replace(unit.package, image=STAY)) for unit in random_units(200, 2)]
    ready = FOLDER / "ready"
    os.mkfifo(ready)
    DROP_IN.write_text(f"[Service]\nStandardOutput=append:{ready}\nStandardError=journal\n")
    for unit in units:
        (UNITS / unit.name).write_text(unit.text)
        for volume in unit.package.volumes:
            (unit.place / volume.name).mkdir(parents=True)
    systemctl("daemon-reload")
    with os.fdopen(os.open(ready, os.O_RDWR), "rb", buffering=0) as reader:
        for first in range(0, len(units), AT_ONCE):
            compare(units[first : first + AT_ONCE], reader.fileno())


def compare(units: Sequence[Unit], output: int) -> None:
    """Start units together, compare what runs with what was meant, and stop them."""
    names, containers = [unit.name for unit in units], [unit.package.id.container for unit in units]
    systemctl("start", *names)
    try:
        wait_until_ready(output, len(units))
        for unit, pid in zip(units, processes(containers), strict=True):
            words = [b"/bin/sh", b"/stay", *(word.encode() for word in unit.written.command)]
            variables = [f"{name}={value}".encode() for name, value in unit.written.environment.items()]
            assert Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1] == words
            own = [text for text in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if text.startswith(b"T_")]
            assert sorted(own) == sorted(variables)
    finally:
        systemctl("stop", *names)
        subprocess.run(["podman", "rm", "--force", "--ignore", *containers], check=True, capture_output=True)


def wait_until_ready(output: int, count: int) -> None:
    """Wait until each container has said that it is ready; what else there is was said by `podman stop`."""
    said = b""
    while said.count(READY) < count:
        readable, _, _ = select.select([output], [], [], READY_SECONDS)
        assert readable, f"only {said.count(READY)} of {count} containers started"
        said += os.read(output, 4_096)


def processes(containers: Sequence[str]) -> list[str]:
    """Return the first process of each container, as this machine counts."""
    words = ["podman", "container", "inspect", "--format", "{{.State.Pid}}", *containers]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
