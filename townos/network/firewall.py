"""The lines of a unit that open the ports of a package in the firewall, where there is firewalld, and close them."""

from collections.abc import Iterable
from typing import Final, Literal

from townos.network.port_mapping import PortMapping
from townos.systemd.unitfile import Exec

_SCRIPT: Final = (
    'command -v firewall-cmd >/dev/null || exit 0; for port in "$@"; do firewall-cmd --{0}-port="$port"/tcp; done'
)


def opened(ports: Iterable[PortMapping]) -> Exec:
    """Return the command for `ExecStartPre`. The ports are those of the machine."""
    return _command("add", ports)


def closed(ports: Iterable[PortMapping]) -> Exec:
    """Return the command for `ExecStopPost`."""
    return _command("remove", ports)


def _command(action: Literal["add", "remove"], ports: Iterable[PortMapping]) -> Exec:
    numbers = [str(port.external) for port in ports]
    return Exec.line("/bin/sh", "-c", _SCRIPT.format(action), "sh", *numbers, ignore_failure=True)
