"""The unit file that runs a package: podman in the foreground of a service (docs/api.md, Units and containers)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from townos.limits import CONTAINER_STOP_SECONDS
from townos.names import VolumeName
from townos.network import firewall
from townos.network.port_mapping import NetworkMode
from townos.packages.package import Package
from townos.systemd.unitfile import Exec, Section, UnitFile

PODMAN: Final = "/usr/bin/podman"


def service_unit(package: Package, volumes: Mapping[VolumeName, Path], mode: NetworkMode, seccomp: Path) -> str:
    """Return the text of a container package's unit. Raises `Invalid`.

    `volumes` tells where each volume is, `seccomp` where the profile of what its program may ask the kernel for.
    """
    entries: list[tuple[str, str | Exec]] = [("Type", "simple")]
    entries += [("ExecStartPre", command) for command in _before(package, volumes)]
    entries.append(("ExecStart", Exec(tuple(_run(package, volumes, mode, seccomp)))))
    entries.append(("ExecStop", Exec.line(PODMAN, "stop", "-t", str(CONTAINER_STOP_SECONDS), package.id.container)))
    if package.ports:
        entries.append(("ExecStopPost", firewall.closed(package.ports)))
    entries.append(("Restart", "on-failure"))
    unit = UnitFile(
        (
            Section("Unit", (("Description", _description(package)), ("After", "network-online.target"))),
            Section("Service", tuple(entries)),
            Section("Install", (("WantedBy", "multi-user.target"),)),
        )
    )
    return str(unit)


def _description(package: Package) -> str:
    if package.description:
        return f"Town OS: {package.description}"
    return f"Town OS Package Service: {package.id}"


def _before(package: Package, volumes: Mapping[VolumeName, Path]) -> Iterator[Exec]:
    """Remove what a crash left of the container, open the ports, give the volumes their owners.

    A container that is not there is fine: without `--ignore` each log would begin with two errors about it. `-v` takes
    the nameless volumes along that podman makes where an image wants one: each start makes new ones, without a limit.
    """
    name, seconds = package.id.container, str(CONTAINER_STOP_SECONDS)
    yield Exec.line(PODMAN, "stop", "--ignore", "-t", seconds, name, ignore_failure=True)
    yield Exec.line(PODMAN, "rm", "--ignore", "-f", "-v", name, ignore_failure=True)
    if package.ports:
        yield firewall.opened(package.ports)
    for volume in package.volumes:
        if volume.uid is not None and volume.gid is not None:
            yield Exec.line("/bin/chown", "-R", f"{volume.uid}:{volume.gid}", str(volumes[volume.name]))


def _run(
    package: Package, volumes: Mapping[VolumeName, Path], mode: NetworkMode, seccomp: Path
) -> Iterator[tuple[str, ...]]:
    """Yield the words of `podman run`, one argument on a line.

    The image is never fetched here, it is an operation's step. What the application prints goes to the journal as it
    is, once: podman's journald driver would write every line a second time. With `passthrough` the program's output
    would be the journal's socket itself, and programs that open /dev/stderr, as nginx does, end with ENXIO.
    """
    yield (PODMAN, "run", "--name", package.id.container, "--systemd=true")
    yield ("--pull=never", "--log-driver=none")
    yield ("--security-opt", f"seccomp={seccomp}")
    if mode == "host":
        yield ("--net", "host")
    else:
        yield from (("-p", f"{port.external}:{port.internal}") for port in package.ports)
    yield from (("-e", f"{name}={value}") for name, value in sorted(package.environment.items()))
    yield from (("-v", f"{volumes[volume.name]}:{volume.mountpoint}:rw,z") for volume in package.volumes)
    assert package.image is not None  # it is a container
    yield (package.image,)
    yield from ((argument,) for argument in package.command)
