"""A request reads what is installed once, and decides everything by that."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trio.testing import MockClock

from tests.support.installations import ANSWERS, WEB, PackageHost
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.packages.loading import load_manifest
from townos.testing.volumes import FakeVolumes

NEWER = PackageId.parse("core", "web", "1.1")
OTHERS = [PackageId.parse("core", f"other{number}", "1") for number in range(3)]

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
async def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    """A host with some installed packages."""
    host = PackageHost(tmp_path)
    for package in (WEB, NEWER):
        host.offer(package)
    for package in OTHERS:
        host.offer(package, "image: nginx")
    async with host.process() as process:
        for package in (WEB, *OTHERS):
            await process.install(package, ANSWERS if package == WEB else {})
    return host


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The calls of each function that reads."""
    counted: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            counted[name] += 1
            return function(*arguments)

        return call

    for name in ("installed", "manifest", "answers"):
        monkeypatch.setattr(Records, name, counting(name, getattr(Records, name)))
    monkeypatch.setattr(FakeVolumes, "list", counting("list", FakeVolumes.list))
    parse = counting("parse", load_manifest)
    monkeypatch.setattr("townos.installations.records.manifests.load_manifest", parse)
    return counted


@pytest.mark.parametrize("package", [WEB, NEWER])
async def test_an_installation_reads_each_record_once(
    package: PackageId, host: PackageHost, calls: Counter[str]
) -> None:
    async with host.process() as process:
        calls.clear()
        await process.install(package, ANSWERS)
    packages = 1 + len(OTHERS)
    assert calls["installed"] == 1
    assert calls["manifest"] == calls["answers"] == packages
    assert calls["list"] == 1


async def test_an_installation_parses_its_manifest_once(host: PackageHost, calls: Counter[str]) -> None:
    async with host.process() as process:
        calls.clear()
        await process.install(NEWER, ANSWERS)
    assert calls["parse"] == 1 + len([WEB, *OTHERS])


async def test_an_uninstallation_raises_the_revision(host: PackageHost) -> None:
    async with host.process() as process:
        before = await process.installations.installed.state()
        await process.uninstall(OTHERS[0])
        after = await process.installations.installed.state()
        assert before.revision < after.revision == process.records.revision
        assert after.ids == [*OTHERS[1:], WEB]
