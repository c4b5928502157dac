"""The network state file of a package: which ports it has, and what each needs from the network."""

from collections.abc import Iterable

import msgspec

from townos.encoding import encode_json
from townos.names import PackageId
from townos.network.port_mapping import NetworkMode, PortMapping


class PortState(msgspec.Struct, frozen=True):
    """One port of this machine: whether the gateway shall map it and whether a forwarder shall listen on it."""

    external_port: int
    internal_port: int
    upnp: bool
    forward: bool


class NetworkState(msgspec.Struct, frozen=True):
    """The file's content."""

    repo: str
    package: str
    version: str
    network_mode: str
    ports: list[PortState]


def network_state(
    package: PackageId, external_ports: Iterable[PortMapping], internal_ports: Iterable[PortMapping], mode: NetworkMode
) -> str:
    """Return the text of a package's file, empty if no port of it needs anything.

    With host networking an application listens on its own port, so a machine's port that differs is forwarded. Internal
    ports need nothing else.
    """
    hosts = mode == "host"
    ports = [
        PortState(port.external, port.internal, upnp=True, forward=hosts and port.external != port.internal)
        for port in external_ports
    ]
    ports += [
        PortState(port.external, port.internal, upnp=False, forward=True)
        for port in internal_ports
        if hosts and port.external != port.internal
    ]
    if not ports:
        return ""
    ports.sort(key=lambda port: port.external_port)
    state = NetworkState(package.repository, package.name, package.version, mode, ports)
    return msgspec.json.format(encode_json(state), indent=2).decode() + "\n"
