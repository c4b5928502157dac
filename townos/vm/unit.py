"""The unit that runs a virtual machine: QEMU in the foreground of a service (docs/api.md, Units and containers)."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from townos.limits import VM_SHUTDOWN_SECONDS, VM_SWITCH_OFF_SECONDS
from townos.names import PackageId
from townos.network import firewall
from townos.packages.package import Package, Vm
from townos.systemd.unitfile import Exec, Section, UnitFile
from townos.vm.accelerator import Accelerator

QEMU: Final = "/usr/bin/qemu-system-x86_64"
_MEBIBYTE: Final = 1024**2
_RUNTIME: Final = "town-os/vm"
"""The directory below `/run` that holds the monitors' sockets. systemd makes it."""
_SHUT_DOWN: Final = (
    'echo system_powerdown | socat - UNIX-CONNECT:"$1" >/dev/null'
    ' && exec timeout "$2" tail --follow --sleep-interval=0.2 --pid="$MAINPID" /dev/null'
)
"""Presses the power button, and waits until the guest has switched itself off. QEMU alone ends as in a power cut."""
_ACCELERATION: Final = {"kvm": ("-enable-kvm",), "tcg": ("-accel", "tcg")}


def vm_service_unit(package: Package, vm: Vm, disk: Path, accelerator: Accelerator) -> str:
    """Return the text of the unit of a package that is a virtual machine. `disk` is its raw image. Raises `Invalid`.

    No other machine may have the same disk. A guest that knows no power button is switched off when its time is over.
    """
    service: list[tuple[str, str | Exec]] = [("Type", "simple"), *_confinement(disk)]
    if package.ports:
        service.append(("ExecStartPre", firewall.opened(package.ports)))
    service.append(("ExecStart", Exec(tuple(_qemu(package, vm, disk, accelerator)))))
    service.append(("ExecStop", _shut_down(package.id)))
    if package.ports:
        service.append(("ExecStopPost", firewall.closed(package.ports)))
    service.append(("TimeoutStopSec", str(VM_SHUTDOWN_SECONDS + VM_SWITCH_OFF_SECONDS)))
    service.append(("Restart", "on-failure"))
    unit = UnitFile(
        (
            Section("Unit", (("Description", _description(package)), ("After", "network-online.target"))),
            Section("Service", tuple(service)),
            Section("Install", (("WantedBy", "multi-user.target"),)),
        )
    )
    return str(unit)


def _description(package: Package) -> str:
    return f"Town OS VM: {package.description}" if package.description else f"Town OS VM Service: {package.id}"


def _confinement(disk: Path) -> Iterator[tuple[str, str]]:
    """What is left to a guest that breaks out of QEMU: its own disk, and the network."""
    yield "RuntimeDirectory", _RUNTIME
    yield "RuntimeDirectoryMode", "0700"
    yield "RuntimeDirectoryPreserve", "yes"  # other machines have their sockets there
    yield "ProtectSystem", "strict"
    yield "ReadWritePaths", _quoted(str(disk))
    yield "ProtectHome", "yes"
    yield "PrivateTmp", "yes"
    yield "NoNewPrivileges", "yes"
    yield "CapabilityBoundingSet", "CAP_NET_BIND_SERVICE"


def _qemu(package: Package, vm: Vm, disk: Path, accelerator: Accelerator) -> Iterator[tuple[str, ...]]:
    """Yield the words of QEMU, one argument on a line. The serial console goes to the journal."""
    forwards = [f"hostfwd=tcp::{port.external}-:{port.internal}" for port in package.ports]
    yield (QEMU,)
    yield ("-m", str(-(-vm.memory_bytes // _MEBIBYTE)))
    yield ("-smp", str(vm.cpus))
    yield ("-nographic",)
    yield _ACCELERATION[accelerator]
    yield ("-drive", f"file={_option(str(disk))},format=raw,if=virtio")
    yield ("-netdev", ",".join(("user", "id=net0", *forwards)))
    yield ("-device", "virtio-net-pci,netdev=net0")
    yield ("-monitor", f"unix:{monitor(package.id)},server=on,wait=off")


def _shut_down(package: PackageId) -> Exec:
    words = ("/bin/sh", "-c", _SHUT_DOWN, "sh", str(monitor(package)), str(VM_SHUTDOWN_SECONDS))
    return Exec.line(*words, ignore_failure=True)


def monitor(package: PackageId) -> Path:
    """Return where QEMU's monitor listens. A socket's path has at most 107 bytes, less than an identity may have."""
    digest = sha256(str(package).encode()).hexdigest()[:32]
    return Path("/run") / _RUNTIME / f"{digest}.monitor"


def _option(value: str) -> str:
    """Write a value into a list of QEMU's options: a comma is doubled (qemu(1))."""
    return value.replace(",", ",,")


def _quoted(path: str) -> str:
    """Write a path into a list of paths, which are split at white space (systemd.syntax(7))."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
