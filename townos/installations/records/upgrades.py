"""Which installed packages could be newer, and which run from a manifest that is no longer the repository's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from townos.errors import NotFound
from townos.installations.ports import ManifestFiles, Offers
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.packages.versions import compare
from townos.settings.settings import Settings

DISMISSED: Final = "dismissed_upgrades_hash"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """An installed package that could be another one. `changed` means that its manifest is not the repository's."""

    package: PackageId
    latest_version: str
    changed: bool


class Upgrades:
    """Compares what is installed with what is offered."""

    def __init__(self, records: Records, manifests: ManifestFiles, offers: Offers, settings: Settings) -> None:
        self._records = records
        self._manifests = manifests
        self._offers = offers
        self._settings = settings

    async def available(self) -> list[Upgrade]:
        """Return the upgrades, sorted by repository and name."""
        installed = await self._records.installed()
        changed = await self.changed(installed)
        found = [self._upgrade(package, changed=package in changed) for package in installed]
        return [upgrade for upgrade in found if upgrade is not None]

    async def changed(self, installed: Sequence[PackageId]) -> Collection[PackageId]:
        """Return those installed packages that run from another file than their repository has now."""
        manifests = {package: self._manifests.manifest_path(package) for package in installed}
        return await self._records.changed(manifests)

    async def dismiss(self) -> None:
        """Let nobody be reminded of the present upgrades any more."""
        await self._settings.set(DISMISSED, _fingerprint(await self.available()))

    async def are_dismissed(self, upgrades: Sequence[Upgrade]) -> bool:
        """Tell whether these very upgrades were dismissed."""
        return bool(upgrades) and (await self._settings.all()).get(DISMISSED) == _fingerprint(upgrades)

    def _upgrade(self, package: PackageId, *, changed: bool) -> Upgrade | None:
        try:
            latest = self._offers.latest(package.name).version
        except NotFound:
            return Upgrade(package, package.version, changed) if changed else None
        if compare(latest, package.version) > 0:
            return Upgrade(package, latest, changed)
        return Upgrade(package, package.version, changed) if changed else None


def _fingerprint(upgrades: Sequence[Upgrade]) -> str:
    """Return the SHA-256 of one line for each upgrade, as the setting stores it (docs/api.md, Packages)."""
    lines = (
        f"{upgrade.package.repository}/{upgrade.package.name}@{upgrade.package.version}->{upgrade.latest_version}\n"
        for upgrade in upgrades
    )
    return sha256("".join(lines).encode()).hexdigest()
