"""The unit file of a virtual machine, line by line."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.names import PackageId
from townos.network.port_mapping import PortMapping
from townos.packages.package import Package, Vm
from townos.systemd.unitfile import Exec, entries, parse
from townos.texts import CONTROL
from townos.vm.accelerator import Accelerator, chosen
from townos.vm.unit import monitor, vm_service_unit

ID = PackageId.parse("core", "desk", "1.0")
VM = Vm("desk.raw", 2 * 1024**3, 3)
DISK = Path("/town-os/vm-images/desk.raw")
PACKAGE = Package(
    id=ID,
    vm=VM,
    description="A desk",
    external_ports=(PortMapping(8022, 22), PortMapping(8080, 80)),
    internal_ports=(PortMapping(4430, 443),),
)


def text(package: Package = PACKAGE, vm: Vm = VM, disk: Path = DISK, accelerator: Accelerator = "kvm") -> str:
    return vm_service_unit(package, vm, disk, accelerator)


def commands(unit: str, name: str) -> list[tuple[str, ...]]:
    return [entry.argv for entry in entries(parse(unit), name) if isinstance(entry, Exec)]


def qemu(unit: str) -> list[str]:
    (command,) = commands(unit, "ExecStart")
    return list(command)


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


@pytest.mark.conformance("UNIT-05")
def test_the_machine_runs_with_its_memory_processors_disk_and_ports() -> None:
    assert " ".join(qemu(text())[:14]) == (
        "/usr/bin/qemu-system-x86_64 -m 2048 -smp 3 -nographic -enable-kvm"
        " -drive file=/town-os/vm-images/desk.raw,format=raw,if=virtio"
        " -netdev user,id=net0,hostfwd=tcp::4430-:443,hostfwd=tcp::8022-:22,hostfwd=tcp::8080-:80"
        " -device virtio-net-pci,netdev=net0 -monitor"
    )


def test_the_processor_is_translated_without_kvm() -> None:
    words = qemu(text(accelerator="tcg"))
    assert "-enable-kvm" not in words
    assert option(words, "-accel") == "tcg"


def test_memory_is_rounded_up_to_whole_mebibytes() -> None:
    assert option(qemu(text(vm=replace(VM, memory_bytes=512_000_000))), "-m") == "489"


def test_a_machine_without_ports_has_a_network_and_no_firewall() -> None:
    unit = text(Package(ID, vm=VM))
    assert option(qemu(unit), "-netdev") == "user,id=net0"
    assert "firewall" not in unit


@pytest.mark.conformance("UNIT-06")
def test_ports_are_opened_and_closed_again() -> None:
    (opening,) = commands(text(), "ExecStartPre")
    (closing,) = commands(text(), "ExecStopPost")
    assert "--add-port" in opening[2]
    assert "--remove-port" in closing[2]
    assert opening[-3:] == closing[-3:] == ("4430", "8022", "8080")


def test_the_guest_is_asked_to_shut_down_and_gets_time() -> None:
    (stop,) = commands(text(), "ExecStop")
    assert stop[:2] == ("/bin/sh", "-c")
    assert stop[4:] == (str(monitor(ID)), "60")
    assert option(qemu(text()), "-monitor") == f"unix:{monitor(ID)},server=on,wait=off"
    assert "TimeoutStopSec=90" in text().splitlines()


def test_the_rest_of_the_unit_is_as_documented() -> None:
    lines = text().splitlines()
    assert lines[:4] == ["[Unit]", "Description=Town OS VM: A desk", "After=network-online.target", ""]
    assert lines[4:6] == ["[Service]", "Type=simple"]
    assert lines[-4:] == ["Restart=on-failure", "", "[Install]", "WantedBy=multi-user.target"]
    assert "Description=Town OS VM Service: core/desk@1.0" in text(Package(ID, vm=VM))


def test_qemu_may_write_to_nothing_but_its_disk() -> None:
    lines = text().splitlines()
    assert "ProtectSystem=strict" in lines
    assert f'ReadWritePaths="{DISK}"' in lines


def test_a_monitor_fits_into_the_address_of_a_socket() -> None:
    longest = PackageId.parse("r" * 128, "n" * 128, "1" * 128)
    assert len(str(monitor(longest))) < 108
    assert monitor(longest) != monitor(ID)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(lambda text: not CONTROL.search(text))
PORTS = st.lists(st.builds(PortMapping, st.integers(1, 65535), st.integers(1, 65535)), max_size=5)


@pytest.mark.conformance("HOLE-01", "UNIT-05")
@given(
    ports=PORTS,
    memory=st.integers(1024**2, 2**45),
    cpus=st.integers(1, 512),
    directory=TEXT.filter(lambda text: text and "/" not in text),
    description=TEXT,
)
def test_every_value_is_read_back_unchanged(
    ports: list[PortMapping], memory: int, cpus: int, directory: str, description: str
) -> None:
    package = Package(ID, vm=VM, description=description, external_ports=tuple(ports))
    disk = Path("/", directory, "disk.raw")
    words = qemu(text(package, Vm("disk.raw", memory, cpus), disk))
    assert len(words) == 15
    drive = option(words, "-drive").replace(",,", "\0").split(",")
    assert [part.replace("\0", ",") for part in drive] == [f"file={disk}", "format=raw", "if=virtio"]
    forwards = [f"hostfwd=tcp::{port.external}-:{port.internal}" for port in sorted(ports)]
    assert option(words, "-netdev").split(",") == ["user", "id=net0", *forwards]
    assert int(option(words, "-m")) * 1024**2 - memory in range(1024**2)
    assert int(option(words, "-smp")) == cpus


def test_kvm_is_taken_only_where_the_kernel_offers_it(tmp_path: Path) -> None:
    file = tmp_path / "kvm"
    assert chosen("auto", file) == "tcg"
    file.write_bytes(b"")
    assert chosen("auto", file) == "tcg"
    assert chosen("kvm", file) == "kvm"
    assert chosen("tcg") == "tcg"
