"""The unit of a virtual machine as systemd carries it out, with a program in QEMU's place that tells what it got."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from townos.names import PackageId, UnitName
from townos.network.port_mapping import PortMapping
from townos.packages.package import Package, Vm
from townos.systemd.unitfile import Exec, entries, parse
from townos.vm import unit as vm_unit

pytestmark = pytest.mark.bed

UNIT = UnitName.parse("town-os-test-vm.service")
FILE = Path("/run/systemd/system", UNIT)
PROGRAM = Path("/run/town-os-test-qemu")
DISK = Path("/run/town-os test,%n\"'\\x/disk.raw")
ELSEWHERE = (Path("/town-os/escaped"), Path("/etc/escaped"), Path("/run/escaped"), DISK.parent / "escaped")
PACKAGE = Package(
    id=PackageId.parse("core", "desk", "1.0"),
    vm=Vm("disk.raw", 2**30, 2),
    external_ports=(PortMapping(8022, 22),),
)


@pytest.fixture
def text(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The unit's text. Its program writes the words it got to the disk, and tries to write elsewhere."""
    DISK.parent.mkdir()
    DISK.touch()
    words = " ".join(shlex.quote(str(path)) for path in ELSEWHERE)
    PROGRAM.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" >{shlex.quote(str(DISK))}\ntouch {words}\ntrue\n")
    PROGRAM.chmod(0o755)
    monkeypatch.setattr(vm_unit, "QEMU", str(PROGRAM))
    assert PACKAGE.vm is not None
    yield vm_unit.vm_service_unit(PACKAGE, PACKAGE.vm, DISK, "tcg")
    for path in (FILE, PROGRAM, DISK, *ELSEWHERE):
        path.unlink(missing_ok=True)
    DISK.parent.rmdir()
    systemctl("daemon-reload")


def systemctl(*words: str) -> None:
    subprocess.run(["systemctl", *words], check=True, capture_output=True, timeout=60)


@pytest.mark.conformance("UNIT-05", "HOLE-01")
def test_qemu_gets_the_words_that_were_meant_and_can_write_to_its_disk_alone(text: str) -> None:
    FILE.write_text(text)
    systemctl("daemon-reload")
    systemctl("start", "--wait", UNIT)
    (command,) = entries(parse(text), "ExecStart")
    assert isinstance(command, Exec)
    assert DISK.read_bytes().decode().split("\0")[:-1] == list(command.argv[1:])
    assert [path for path in ELSEWHERE if path.exists()] == []


def test_systemd_has_nothing_to_say_against_the_unit(text: str) -> None:
    FILE.write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(FILE)], check=True, capture_output=True, text=True
    )
    assert (found.stdout, found.stderr) == ("", "")
