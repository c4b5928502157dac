"""The status over HTTP: next to nothing for strangers, all of it with a token, whatever else fails."""

from typing import Any

import pytest

from tests.unit.status.conftest import StatusAppliance
from townos.errors import Foreign, Unavailable
from townos.i18n import Term
from townos.names import PackageId
from townos.status.report import PackageFacts, RepositoryFacts, VolumeCounts
from townos.storage.paths import Area
from townos.storage.user_volumes import Filesystem
from townos.storage.volumes import DiskUsage

WEB = PackageId.parse("default", "web", "1.0")
WEB_1_0_1 = PackageId.parse("default", "web", "1.0.1")


async def signed_in(appliance: StatusAppliance, *, admin: bool = True) -> str:
    await appliance.add("ada", admin=admin)
    return await appliance.token("ada")


async def full(appliance: StatusAppliance) -> dict[str, Any]:
    answer = await appliance.get("/status/ping", await signed_in(appliance))
    assert answer.status == 200
    body: dict[str, Any] = answer.json
    return body


@pytest.mark.conformance("PING-01", "PING-02")
async def test_a_stranger_learns_only_whether_setup_is_needed(appliance: StatusAppliance) -> None:
    assert (await appliance.get("/status/ping")).json == {"status": "ok", "needs_setup": True}
    await appliance.add("ada", admin=True)
    answer = await appliance.get("/status/ping")
    assert (answer.status, answer.body) == (200, b'{"status":"ok"}\n')
    assert (await appliance.get("/status/ping", "not a token")).body == b'{"status":"ok"}\n'


@pytest.mark.conformance("PING-02")
async def test_a_machine_without_an_enabled_administrator_needs_setup_for_everyone(appliance: StatusAppliance) -> None:
    token = await signed_in(appliance, admin=False)
    assert (await appliance.get("/status/ping")).json["needs_setup"] is True
    body = (await appliance.get("/status/ping", token)).json
    assert (body["needs_setup"], body["accounts"], body["admins"]) == (True, 1, 0)


@pytest.mark.conformance("PING-01", "PING-05")
async def test_the_ping_omits_empty_parts(appliance: StatusAppliance) -> None:
    appliance.host.external_address.current = ""
    body = await full(appliance)
    body.pop("internal_ip", None)  # not every test machine has one
    assert isinstance(body.pop("timezone_offset"), int)
    assert body == {
        "status": "ok",
        "filesystems": 0,
        "repositories": 0,
        "packages": 0,
        "installed": 0,
        "accounts": 1,
        "admins": 1,
        "units": {"total": 0, "active": 0, "failed": 0},
        "recent_errors": 0,
        "username": "ada",
        "installed_volumes": 0,
        "uninstalled_volumes": 0,
        "disk_usage": {"total": 1000, "used": 100, "available": 900},
        "space": "ok",
        "space_thresholds": {"warn": 85, "stop": 95},
        "default_quota": 50 * 1024**3,
        "upgrades_available": 0,
        "locale": "en-US",
    }


@pytest.mark.conformance("PING-01", "PING-04", "PING-05", "I18N-05")
async def test_a_busy_machine_tells_everything(appliance: StatusAppliance) -> None:
    appliance.sources.repository_facts = RepositoryFacts(3, {"extras": Term.plain("could not be reached")})
    appliance.sources.package_facts = PackageFacts(40, (WEB,), upgrades_available=2, upgrades_dismissed=True)
    appliance.sources.volume_counts = VolumeCounts(user=4, installed=5, uninstalled=6)
    appliance.sources.states = {str(WEB.unit): "active", "town-os-system--grafana.service": "failed"}
    appliance.sources.boot = ("images",)
    appliance.sources.troubles = {"UPnP": Term.plain("no gateway")}
    await appliance.post("/settings/set", {"key": "locale", "value": "de-DE"})
    await appliance.settings.set("locale", "de-DE")
    body = await full(appliance)
    assert (body["repositories"], body["repository_errors"]) == (3, {"extras": "could not be reached"})
    assert (body["packages"], body["installed"]) == (40, 1)
    assert (body["upgrades_available"], body["upgrades_dismissed"]) == (2, True)
    assert (body["filesystems"], body["installed_volumes"], body["uninstalled_volumes"]) == (4, 5, 6)
    assert body["units"] == {"total": 1, "active": 1, "failed": 0}
    assert body["system_services"] == {"total": 1, "active": 0, "failed": 1}
    assert (body["external_ip"], body["locale"], body["recent_errors"]) == ("203.0.113.7", "de-DE", 1)
    assert (body["boot"], body["degraded"]) == (["images"], {"UPnP": "no gateway"})


async def test_the_ping_tells_the_thresholds_and_the_default_quota_that_are_set(appliance: StatusAppliance) -> None:
    for key, value in {"space_warn_percent": "60", "space_stop_percent": "70", "default_quota": "4096"}.items():
        await appliance.settings.set(key, value)
    body = await full(appliance)
    assert (body["space_thresholds"], body["default_quota"]) == ({"warn": 60, "stop": 70}, 4096)


@pytest.mark.conformance("PING-03")
async def test_only_main_units_of_installed_packages_are_counted(appliance: StatusAppliance) -> None:
    appliance.sources.package_facts = PackageFacts(2, (WEB, WEB_1_0_1))
    appliance.sources.states = {
        str(WEB.unit): "active",
        str(WEB_1_0_1.unit): "failed",
        f"{WEB.container}-80-tcp.socket": "active",
        f"{WEB.container}-network.service": "active",
        "town-os-package--default-old-1.0.service": "failed",
        "town-os-system--prometheus.service": "active",
        "town-os-system--grafana.service": "activating",
        "town-os-system--grafana.socket": "active",
        "town-os-systemcontroller.service": "active",
    }
    body = await full(appliance)
    assert body["units"] == {"total": 2, "active": 1, "failed": 1}
    assert body["system_services"] == {"total": 2, "active": 1, "failed": 0}


@pytest.mark.parametrize("failure", [Foreign("process.missing", "btrfs"), Unavailable("boot.not_ready", "volumes")])
async def test_parts_that_fail_are_left_out_or_zero(appliance: StatusAppliance, failure: Foreign | Unavailable) -> None:
    appliance.sources.failure = failure
    body = await full(appliance)
    assert "disk_usage" not in body
    assert "space" not in body
    assert (body["repositories"], body["filesystems"], body["units"]["total"]) == (0, 0, 0)
    assert (body["accounts"], body["username"]) == (1, "ada")


async def test_parts_that_hang_are_left_out(appliance: StatusAppliance) -> None:
    appliance.sources.stalled = True
    report = await appliance.status(part_timeout_seconds=0).report()
    assert (report.disk_usage, report.space, report.repositories) == (None, None, RepositoryFacts())
    assert report.locale == "en-US"


@pytest.mark.parametrize(
    ("used", "space"), [(0, "ok"), (849, "ok"), (850, "low"), (949, "low"), (950, "full"), (1000, "full")]
)
async def test_space_is_ok_low_or_full_by_the_settings(appliance: StatusAppliance, used: int, space: str) -> None:
    appliance.sources.usage = DiskUsage(total=1000, used=used, available=1000 - used)
    assert (await full(appliance))["space"] == space


async def test_a_disk_without_a_size_has_no_space_to_tell(appliance: StatusAppliance) -> None:
    appliance.sources.usage = DiskUsage(total=0, used=0, available=0)
    assert "space" not in await full(appliance)


async def test_a_disk_on_which_nothing_is_available_is_full(appliance: StatusAppliance) -> None:
    appliance.sources.usage = DiskUsage(total=1000, used=500, available=0)
    assert (await full(appliance))["space"] == "full"


async def test_volumes_that_use_nearly_all_of_their_quota_are_told(appliance: StatusAppliance) -> None:
    assert "full_volumes" not in await full(appliance)
    appliance.sources.used_volumes = [
        Filesystem("photos", "", 100, Area.USER, 85, 85),
        Filesystem("data", "", 100, Area.USER, 84, 84),
        Filesystem("web/1.0/data", "installed/core/web/1.0/data", 100, Area.INSTALLED, 100, 0),
    ]
    answer = await appliance.get("/status/ping", await appliance.token("ada"))
    assert answer.json["full_volumes"] == [
        {"name": "photos", "quota": 100, "referenced": 85},
        {"name": "web/1.0/data", "internal_name": "installed/core/web/1.0/data", "quota": 100, "referenced": 100},
    ]
