"""Who holds a port: the appliance, a package, or a process."""

import os
import socket
from pathlib import Path

import pytest

from townos.errors import Unavailable
from townos.i18n import Term
from townos.network.ports import APPLIANCE_PORTS, GENERATED_PORTS, PortTable, port_taken
from townos.network.sockets import ProcSockets


def table(packages: dict[int, str] | None = None, listening: frozenset[int] = frozenset()) -> PortTable:
    return PortTable(packages or {}, listening, APPLIANCE_PORTS)


def test_a_holder_is_told_by_name() -> None:
    full = table({9001: "core/web@1.0"}, frozenset({9002, 8080}))
    assert full.named_holder(9001) == "core/web@1.0"
    assert full.named_holder(9002) == ""
    assert full.named_holder(9003) is None
    assert [full.named_holder(port) for port in (3000, 5309, 8080, 9090, 9100)] == [
        "Grafana",
        "Town OS",
        Term("network.holder.pages"),
        "Prometheus",
        "Node Exporter",
    ]


def test_a_port_that_nobody_admits_to_belongs_to_another_program() -> None:
    assert port_taken(80, "").text() == "port 80 is already used by another process"
    assert [field.name for field in port_taken(80, "").fields] == ["network"]


@pytest.mark.conformance("QST-02")
def test_a_free_port_is_held_by_nobody() -> None:
    low, *_, high = GENERATED_PORTS
    assert (low, high) == (10_000, 60_000)
    third = (low + high) // 3
    packages = dict.fromkeys(range(low, third), "x")
    assert table(packages, frozenset(range(third, high - 1))).free([high]) == high - 1


def test_no_port_is_generated_when_none_is_free() -> None:
    with pytest.raises(Unavailable):
        table(listening=frozenset(GENERATED_PORTS)).free()


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
async def test_a_listening_process_is_found_and_named(family: int, host: str) -> None:
    sockets = ProcSockets()
    with socket.socket(family) as server:
        server.bind((host, 0))
        port = server.getsockname()[1]
        assert port not in await sockets.ports()
        server.listen()
        assert port in await sockets.ports()
        assert await sockets.holder(port) == Path(f"/proc/{os.getpid()}/comm").read_text().strip()
    assert await sockets.holder(port) == ""


async def test_a_machine_without_such_tables_listens_nowhere(tmp_path: Path) -> None:
    assert await ProcSockets(tmp_path).ports() == frozenset()
