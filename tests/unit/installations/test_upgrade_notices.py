"""What could be newer, and what is reminded of."""

from hashlib import sha256
from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.support.installations import MANIFEST, WEB, PackageHost, Process
from townos.errors import NotFound
from townos.installations.adapters.checkout_manifests import CheckoutManifests
from townos.installations.records.upgrades import Upgrade, Upgrades
from townos.names import PackageId

SIMPLE = "image: nginx"
OTHER = PackageId.parse("extras", "mail", "2.9")

pytestmark = pytest.mark.usefixtures("autojump_clock")


class FakeOffers:
    """The highest version of each package."""

    def __init__(self, **versions: PackageId) -> None:
        self.versions = versions

    def latest(self, name: str) -> PackageId:
        if name not in self.versions:
            raise NotFound("repository.package_not_found", name)
        return self.versions[name]


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    host = PackageHost(tmp_path)
    host.offer()
    host.offer(OTHER, SIMPLE)
    async with host.process() as process:
        await process.install()
        await process.install(OTHER, {})
    return host


async def available(host: PackageHost, **latest: str) -> list[Upgrade]:
    """Return the upgrades if these versions are on offer."""
    offers = FakeOffers(**{name: PackageId.parse("extras", name, version) for name, version in latest.items()})
    async with host.process() as process:
        return await compared(host, process, offers).available()


def compared(host: PackageHost, process: Process, offers: FakeOffers) -> Upgrades:
    manifests = CheckoutManifests(host.repositories, host.git)
    return Upgrades(process.records, manifests, offers, process.settings)


@pytest.mark.conformance("UPG-01", "UPG-02")
async def test_a_higher_version_of_any_repository_is_an_upgrade(host: PackageHost) -> None:
    assert await available(host, web="1.1", mail="2.10") == [
        Upgrade(WEB, "1.1", changed=False),
        Upgrade(OTHER, "2.10", changed=False),
    ]
    assert await available(host, web="1.0", mail="2.8") == []
    assert await available(host) == []


@pytest.mark.conformance("UPG-01")
async def test_another_file_in_the_repository_is_an_upgrade_to_the_same_version(host: PackageHost) -> None:
    host.offer(WEB, MANIFEST)
    (host.repositories / "extras/packages/mail/2.9.yaml").unlink()
    assert await available(host, web="1.0") == [
        Upgrade(WEB, "1.0", changed=True),
        Upgrade(OTHER, "2.9", changed=True),
    ]


@pytest.mark.conformance("UPG-03", "UPG-04")
async def test_a_dismissal_covers_only_the_upgrades_of_that_moment(host: PackageHost) -> None:
    offers = FakeOffers(web=PackageId.parse("core", "web", "1.1"))
    async with host.process() as process:
        upgrades = compared(host, process, offers)
        assert not await upgrades.are_dismissed(await upgrades.available())
        await upgrades.dismiss()
        assert await upgrades.are_dismissed(await upgrades.available())
        stored = await process.settings.get("dismissed_upgrades_hash")
        assert stored == sha256(b"core/web@1.0->1.1\n").hexdigest()
        offers.versions["mail"] = PackageId.parse("extras", "mail", "3")
        assert not await upgrades.are_dismissed(await upgrades.available())
        offers.versions.clear()
        assert not await upgrades.are_dismissed(await upgrades.available())
