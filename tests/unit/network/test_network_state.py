"""Network state: which ports need something from the network, told in a file for each package."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from townos.names import PackageId
from townos.network.files import NetworkStateFiles
from townos.network.port_mapping import NetworkMode, PortMapping
from townos.network.state import network_state

WEB = PackageId.parse("core", "web", "1.0")


def state(mode: NetworkMode, external: dict[int, int], internal: dict[int, int]) -> Any:
    outside, inside = ([PortMapping(*pair) for pair in ports.items()] for ports in (external, internal))
    text = network_state(WEB, outside, inside, mode)
    return json.loads(text) if text else text


def port(external: int, internal: int, *, upnp: bool, forward: bool) -> dict[str, object]:
    return {"external_port": external, "internal_port": internal, "upnp": upnp, "forward": forward}


@pytest.mark.conformance("INST-08", "NET-02")
def test_external_ports_are_for_the_gateway() -> None:
    assert state("bridge", {8080: 80, 443: 443}, {9000: 9001}) == {
        "repo": "core",
        "package": "web",
        "version": "1.0",
        "network_mode": "bridge",
        "ports": [port(443, 443, upnp=True, forward=False), port(8080, 80, upnp=True, forward=False)],
    }


def test_with_host_networking_ports_that_differ_are_forwarded() -> None:
    assert state("host", {8080: 80, 443: 443}, {9000: 9001, 9002: 9002})["ports"] == [
        port(443, 443, upnp=True, forward=False),
        port(8080, 80, upnp=True, forward=True),
        port(9000, 9001, upnp=False, forward=True),
    ]


def test_no_state_is_written_without_forwarded_ports() -> None:
    assert state("bridge", {}, {9000: 9001}) == ""
    assert state("host", {}, {9000: 9000}) == ""


@pytest.mark.conformance("INST-08")
async def test_a_file_is_private_indented_and_goes_with_an_empty_text(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    files = NetworkStateFiles(directory)
    assert await files.read(WEB) == ""
    text = network_state(WEB, [PortMapping(1, 2)], [], "bridge")
    await files.write(WEB, text)
    path = directory / "core-web-1.0.json"
    assert path.read_text().startswith('{\n  "repo": "core",\n')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert await files.read(WEB) == text
    for _ in range(2):
        await files.write(WEB, "")
        assert list(directory.iterdir()) == []
