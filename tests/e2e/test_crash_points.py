"""A kill at any point of any operation: after the next start it is done, or nothing of it is left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.bed.repositories import PackageRepository
from tests.e2e import crashes
from tests.e2e.appliance import Appliance, appliance
from tests.e2e.crashes import arm, deaths, newest, patient, points, steps, undos

pytestmark = [pytest.mark.timeout(600), pytest.mark.conformance("BLD-07")]

NAME = "web"
MANIFEST = """
image: nginx
environment: {COLOUR: "@colour@"}
network: {external: {"18090": "80"}}
volumes:
  site: {mountpoint: /data, quota: 50mb}
  code: {mountpoint: /code, quota: 50mb, git: "@source@"}
templates: {config: {volume: site, path: config, content: "{{.Package.Name}}"}}
questions:
  colour: {query: Which colour?, default: blue}
  password: {query: Which password?, type: secret}
  source: {query: From where?}
"""
SPOILS = MANIFEST.replace(
    "image: nginx", "image: busybox\ncommand: [sh, -c, 'echo spoiled >/data/file; rm -rf /code/*; exit 3']"
)
REPLACING = ["pull", "volumes", "stop", "snapshot", "move", "record", "templates", "network", "unit", "start", "finish"]
"""The steps of an installation that replaces another one with the same volumes."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What there is of one version of the package in the machine."""

    unit: bool = False
    running: bool = False
    record: bool = False
    answers: bool = False
    state: bool = False
    volume: bool = False
    kept: bool = False
    container: bool = False


INSTALLED = Traces(unit=True, running=True, record=True, answers=True, state=True, volume=True, container=True)
NOTHING = Traces()
KEPT = Traces(kept=True)


@pytest.fixture(scope="module")
def town() -> Iterator[Appliance]:
    """An appliance in test mode, where crash points exist; its two repositories are inside."""
    with appliance("crash", environment={"TOWN_OS_TEST": "1", "LOG_LEVEL": "info"}) as booted:
        versions = {"1.0": MANIFEST, "2.0": MANIFEST, "3.0": SPOILS}
        booted.package_repository(
            "crash", {f"packages/{NAME}/{version}.yaml": text for version, text in versions.items()}
        )
        PackageRepository.create(booted.bed, "code", {"README": "hello\n"})
        booted.wait_for_boot()
        booted.admin().post("/settings/set", key="upgrade_watch_seconds", value="3")
        booted.admin().post("/settings/set", key="start_watch_seconds", value="1")
        yield booted


def where(version: str = "1.0") -> dict[str, str]:
    return {"repo": "crash", "name": NAME, "version": version}


PACKAGE = {"repo": "crash", "name": NAME}


def unit(version: str = "1.0") -> str:
    return f"town-os-package--crash-{NAME}-{version}.service"


def traces(town: Appliance, version: str = "1.0") -> Traces:
    probes = {
        "unit": f"test -e /etc/systemd/system/{unit(version)}",
        "running": f"systemctl is-active --quiet {unit(version)}",
        "record": f"test -e /town-os/data/repos/installed/crash/{NAME}/{version}.yaml",
        "answers": f"test -e /town-os/data/repos/responses/crash/{NAME}/{version}.json",
        "state": f"test -e /run/town-os/crash-{NAME}-{version}.json",
        "volume": f"test -e /town-os/installed/crash/{NAME}/{version}/site",
        "kept": f"test -e /town-os/uninstalled/crash/{NAME}/{version}/site",
        "container": f"podman container exists {unit(version).removesuffix('.service')}",
    }
    script = "; ".join(f"{probe} && echo {name}" for name, probe in probes.items())
    found = set(town.bed.run(script).output.split())
    return Traces(**{name: name in found for name in probes})


def until_ended(town: Appliance, path: str, **body: Any) -> None:
    """Ask for an operation in which the service kills itself, and wait until its successors have ended it.

    One that has succeeded has died at every point that there is in it.
    """
    crashes.until_ended(town, lambda admin: admin.ask("POST", path, body))
    ended = newest(town.admin())
    if ended["state"] == "succeeded":
        assert deaths(town) == points(ended["kind"], steps(town.admin()))


def install(town: Appliance, version: str = "1.0", **more: Any) -> None:
    town.admin().post("/packages/install", **where(version), **answers(town), **more)


def answers(town: Appliance) -> Mapping[str, Any]:
    return {"responses": {"source": PackageRepository(town.bed, "code").url}}


def clear(town: Appliance) -> None:
    """Bring the machine back to having nothing of the package."""
    for version in ("1.0", "2.0", "3.0"):
        if traces(town, version).record:
            town.admin().post("/packages/uninstall", **where(version), purge_volumes=True)
    town.admin().post("/packages/purge-uninstalled-volumes", **PACKAGE)


def write(town: Appliance, text: str, version: str = "1.0") -> None:
    town.bed.check(f"echo {text} >/town-os/installed/crash/{NAME}/{version}/site/file")


def read(town: Appliance, version: str = "1.0", area: str = "installed") -> str:
    return town.bed.check(f"cat /town-os/{area}/crash/{NAME}/{version}/site/file").strip()


def test_kills_at_every_point_of_an_installation(town: Appliance) -> None:
    install(town)
    installing = steps(town.admin())
    assert {"pull", "volumes", "seed", "templates", "start", "finish"} <= set(installing)
    clear(town)
    arm(town, *points("install", installing))
    until_ended(town, "/packages/install", **where(), **answers(town))
    assert newest(town.admin())["state"] == "succeeded"
    assert traces(town) == INSTALLED
    clear(town)


def test_kills_at_every_point_of_an_installation_that_fails_and_of_its_way_back(town: Appliance) -> None:
    forward = ["pull", "volumes", "seed", "record", "templates", "network", "unit"]
    back = undos([*forward, "start"])
    arm(town, *points("install", forward), "install:start:before", *points("install", back))
    with patient(town, "start_watch_seconds"):
        until_ended(town, "/packages/install", **where("3.0"), **answers(town))
    assert newest(town.admin())["state"] == "undone"
    assert traces(town, "3.0") == NOTHING
    clear(town)


@pytest.mark.parametrize("purge", [False, True])
def test_kills_at_every_point_of_an_uninstallation(town: Appliance, purge: bool) -> None:
    install(town)
    town.admin().post("/packages/uninstall", **where(), purge_volumes=purge)
    uninstalling = steps(town.admin())
    install(town)
    arm(town, *points("uninstall", uninstalling))
    until_ended(town, "/packages/uninstall", **where(), purge_volumes=purge)
    assert traces(town) == (NOTHING if purge else KEPT)
    clear(town)


def test_kills_at_every_point_of_an_upgrade_that_works(town: Appliance) -> None:
    install(town)
    install(town, "2.0")
    upgrading = steps(town.admin())
    assert {"stop", "snapshot", "move"} <= set(upgrading)
    clear(town)
    install(town)
    write(town, "precious")
    arm(town, *points("upgrade", upgrading))
    until_ended(town, "/packages/install", **where("2.0"))
    assert (traces(town, "1.0"), traces(town, "2.0")) == (NOTHING, INSTALLED)
    assert read(town, "2.0") == "precious"
    clear(town)


def test_kills_at_every_point_of_a_failing_upgrade_and_its_rollback(
    town: Appliance,
) -> None:
    install(town)
    write(town, "precious")
    forward = REPLACING[: REPLACING.index("start")]
    back = undos([*forward, "start"])
    arm(town, *points("upgrade", forward), "upgrade:start:before", *points("upgrade", back))
    with patient(town, "upgrade_watch_seconds"):
        until_ended(town, "/packages/install", **where("3.0"))
    assert newest(town.admin())["state"] == "undone"
    assert (traces(town, "1.0"), traces(town, "3.0")) == (INSTALLED, NOTHING)
    assert read(town) == "precious"
    assert town.bed.check(f"cat /town-os/installed/crash/{NAME}/1.0/code/README") == "hello\n"
    clear(town)


def test_kills_at_every_point_of_other_answers(town: Appliance) -> None:
    install(town)
    write(town, "precious")
    arm(town, *points("install", REPLACING))
    until_ended(town, "/packages/install", **where(), responses={"colour": "red"})
    assert traces(town) == INSTALLED
    assert read(town) == "precious"
    assert "COLOUR=red" in town.bed.check(f"cat /etc/systemd/system/{unit()}")
    clear(town)


@pytest.mark.parametrize("wish", [{"reuse_volumes": True}, {"import_from_version": "1.0"}])
def test_kills_at_every_point_of_an_installation_with_earlier_data(town: Appliance, wish: dict[str, Any]) -> None:
    install(town)
    write(town, "precious")
    town.admin().post("/packages/uninstall", **where())
    installing = ["pull", "volumes", "record", "templates", "network", "unit", "start", "finish"]
    arm(town, *points("install", installing))
    until_ended(town, "/packages/install", **where("2.0"), **answers(town), **wish)
    assert traces(town, "2.0") == INSTALLED
    assert read(town, "2.0") == "precious"
    assert traces(town).kept is ("import_from_version" in wish)
    clear(town)


def test_kills_at_every_point_of_a_rebuild(town: Appliance) -> None:
    install(town)
    write(town, "precious")
    PackageRepository(town.bed, "code").commit({"README": "hello again\n"})
    arm(town, *points("rebuild-git", ["stop", "snapshot", "fetch", "start", "finish"]))
    until_ended(town, "/packages/rebuild-git", **where())
    assert traces(town) == INSTALLED
    assert town.bed.check(f"cat /town-os/installed/crash/{NAME}/1.0/code/README") == "hello again\n"
    assert read(town) == "precious"
    clear(town)


def test_kills_at_every_point_of_purging_disabling_and_enabling(town: Appliance) -> None:
    install(town)
    write(town, "data")
    arm(
        town,
        *points("purge-volumes", ["stop", "volumes", "create", "seed", "templates", "start"]),
        *points("disable", ["mark", "stop"]),
        *points("enable", ["mark", "start"]),
        *points("purge-uninstalled-volumes", ["volumes"]),
    )
    until_ended(town, "/packages/purge-volumes", **PACKAGE)
    assert traces(town) == INSTALLED
    assert town.bed.run(f"test -e /town-os/installed/crash/{NAME}/1.0/site/file").status != 0
    assert town.bed.check(f"cat /town-os/installed/crash/{NAME}/1.0/code/README") == "hello again\n"
    until_ended(town, "/packages/disable", **PACKAGE)
    assert not traces(town).running
    until_ended(town, "/packages/enable", **PACKAGE)
    assert traces(town) == INSTALLED
    town.admin().post("/packages/uninstall", **where())
    until_ended(town, "/packages/purge-uninstalled-volumes", **PACKAGE)
    assert traces(town) == NOTHING
    clear(town)


def test_a_kill_without_warning_between_operations_harms_nothing(town: Appliance) -> None:
    arm(town)
    install(town)
    town.kill()
    town.wait_for_boot()
    assert traces(town) == INSTALLED
    clear(town)
