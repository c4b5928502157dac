"""The unit file of a package, line by line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.images import ImageReference
from townos.installations.planning.unit import service_unit
from townos.names import PackageId, VolumeName
from townos.network.port_mapping import PortMapping
from townos.packages.package import Package, PackageVolume
from townos.systemd.unitfile import Exec, entries, parse
from townos.texts import CONTROL_BUT_BREAKS

ID = PackageId.parse("core", "web", "1.0")
NAME = "town-os-package--core-web-1.0"
IMAGE = ImageReference.parse("nginx")
DATA, LOGS = VolumeName.parse("data"), VolumeName.parse("logs")
PLACES = {DATA: Path("/town-os/data"), LOGS: Path("/town-os/logs")}
PROFILE = Path("/town-os/data/seccomp.json")
PACKAGE = Package(
    id=ID,
    image=IMAGE,
    description="A web server",
    command=("nginx", "-g", "daemon off;"),
    environment={"B": "two words", "A": "1"},
    external_ports=(PortMapping(8080, 80),),
    internal_ports=(PortMapping(443, 443),),
    volumes=(PackageVolume(DATA, "/data", 0, 33, 0), PackageVolume(LOGS, "/logs", 0, 33, None)),
)


def commands(text: str, name: str) -> list[tuple[str, ...]]:
    return [entry.argv for entry in entries(parse(text), name) if isinstance(entry, Exec)]


def run(package: Package, mode: str = "bridge") -> tuple[str, ...]:
    (command,) = commands(service_unit(package, PLACES, mode, PROFILE), "ExecStart")  # type: ignore[arg-type]
    return command


@pytest.mark.conformance("UNIT-04", "INST-04", "PKG-04")
def test_the_container_runs_with_its_ports_environment_volumes_and_command() -> None:
    assert " ".join(run(PACKAGE)) == (
        f"/usr/bin/podman run --name {NAME} --systemd=true --pull=never --log-driver=none"
        " --security-opt seccomp=/town-os/data/seccomp.json"
        " -p 443:443 -p 8080:80 -e A=1 -e B=two words"
        " -v /town-os/data:/data:rw,z -v /town-os/logs:/logs:rw,z"
        " docker.io/library/nginx:latest nginx -g daemon off;"
    )


def test_no_port_is_published_with_host_networking() -> None:
    argv = run(PACKAGE, "host")
    assert "-p" not in argv
    assert argv[argv.index("--net") + 1] == "host"


def test_leftovers_are_removed_and_owners_are_set_before_the_start() -> None:
    before = commands(service_unit(PACKAGE, PLACES, "bridge", PROFILE), "ExecStartPre")
    assert before[0] == ("/usr/bin/podman", "stop", "--ignore", "-t", "10", NAME)
    assert before[1] == ("/usr/bin/podman", "rm", "--ignore", "-f", "-v", NAME)
    assert before[2][-2:] == ("443", "8080")
    assert before[3:] == [("/bin/chown", "-R", "33:0", "/town-os/data")]


def test_ports_are_opened_and_closed_again() -> None:
    text = service_unit(PACKAGE, PLACES, "bridge", PROFILE)
    (closing,) = commands(text, "ExecStopPost")
    assert "--remove-port" in closing[2]
    assert closing[-2:] == ("443", "8080")
    assert "ExecStopPost" not in service_unit(Package(ID, IMAGE), {}, "bridge", PROFILE)


def test_the_rest_of_the_unit_is_as_documented() -> None:
    lines = service_unit(PACKAGE, PLACES, "bridge", PROFILE).splitlines()
    assert lines[:4] == ["[Unit]", "Description=Town OS: A web server", "After=network-online.target", ""]
    assert lines[4:6] == ["[Service]", "Type=simple"]
    assert f"ExecStop=/usr/bin/podman stop -t 10 {NAME}" in lines
    assert lines[-4:] == ["Restart=on-failure", "", "[Install]", "WantedBy=multi-user.target"]
    undescribed = service_unit(Package(ID, IMAGE), {}, "bridge", PROFILE)
    assert "Description=Town OS Package Service: core/web@1.0" in undescribed


CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t")
WORDS = st.text(CHARACTERS, min_size=1).filter(lambda text: not CONTROL_BUT_BREAKS.search(text))


@pytest.mark.conformance("HOLE-01")
@given(values=st.dictionaries(st.from_regex(r"[A-Z_]{1,5}", fullmatch=True), WORDS), command=st.lists(WORDS))
def test_an_answer_stays_one_word_of_the_command(values: dict[str, str], command: list[str]) -> None:
    argv = run(Package(ID, IMAGE, environment=values, command=tuple(command)))
    words = [word for name, value in sorted(values.items()) for word in ("-e", f"{name}={value}")]
    assert argv[9:] == (*words, IMAGE, *command)
