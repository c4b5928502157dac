"""Installing, uninstalling, and telling about it: what the HTTP interface calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import trio

from townos.errors import Invalid, NotFound, at_field
from townos.installations.install import INSTALL, install_kind
from townos.installations.installed import Hosts, InstalledPackages
from townos.installations.parts import Parts
from townos.installations.planner import Planner, Surroundings
from townos.installations.preview import Preview, literal_ports, previewed_volumes
from townos.installations.secrets import MASK, masked, masked_notes
from townos.installations.uninstall import UNINSTALL, uninstall_kind
from townos.limits import DISK_RESERVE_SHARE
from townos.names import PackageId, PackageName, RepositoryName
from townos.operations.engine import Operations
from townos.packages.loading import load_manifest
from townos.packages.manifest import Manifest
from townos.packages.notes import compile_notes
from townos.packages.questions import Question
from townos.quantities import parse_bytes


@dataclass(frozen=True, slots=True)
class InstalledInfo:
    """What there is to know about an installed package."""

    questions: Mapping[str, Question]
    answers: Mapping[str, str]
    notes: Mapping[str, str]
    note_types: Mapping[str, str]


class Installations:
    """The appliance's installed packages."""

    def __init__(
        self,
        parts: Parts,
        operations: Operations,
        surroundings: Surroundings,
        require_ready: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._operations = operations
        self._hosts: Hosts = surroundings.hosts
        self._settings = surroundings.settings
        self._require_ready = require_ready
        self.packages = InstalledPackages(parts.records, surroundings.hosts)
        self.planner = Planner(parts, self.packages, operations, surroundings)
        operations.register(install_kind(parts))
        operations.register(uninstall_kind(parts))

    async def install(self, package: PackageId, answers: Mapping[str, str], *, operation_id: str = "") -> None:
        """Install a package, or reconfigure it if this version is installed; return when it runs.

        Raises what `Planner.install` and `Operations.run` raise, and `Unavailable` while the boot is not done.
        """
        self._require_ready()
        planner = partial(self.planner.install, package, answers)
        await self._operations.run(INSTALL, package, planner, operation_id=operation_id)

    async def uninstall(self, package: PackageId, *, purge: bool, operation_id: str = "") -> None:
        """Remove an installed version; its volumes are kept under `uninstalled/` unless they are purged."""
        self._require_ready()
        planner = partial(self.planner.uninstall, package, purge=purge)
        await self._operations.run(UNINSTALL, package, planner, operation_id=operation_id)

    async def resolve_installed(self, repository: str, name: str, version: str) -> PackageId:
        """Return the installed package that is meant; an empty version is looked up. Raises `NotFound`, `Invalid`."""
        checked = at_field("repo", RepositoryName.parse, repository)
        package = at_field("name", PackageName.parse, name)
        versions = [version] if version else await self._parts.records.versions(checked, package)
        if not versions:
            raise NotFound("install.not_installed", f"{checked}/{package}")
        return PackageId.parse(checked, package, versions[-1])

    async def info(self, package: PackageId, *, secrets: bool) -> InstalledInfo:
        """Return questions, answers and notes of an installed package, secrets masked unless they may be seen."""
        manifest = await self._installed_manifest(package)
        answers = await self._parts.records.answers(package)
        values = {**self._hosts().values(), **answers}
        return InstalledInfo(
            questions=manifest.questions,
            answers=answers if secrets else masked(manifest, answers),
            notes=compile_notes(manifest.notes, values) if secrets else masked_notes(manifest, values),
            note_types={name: note.type for name, note in manifest.notes.items() if note.type},
        )

    async def answers(self, package: PackageId, *, secrets: bool) -> Mapping[str, str]:
        """Return the answers of an installed version, none if it is not installed."""
        answers = await self._parts.records.answers(package)
        if secrets or not answers:
            return answers
        return masked(await self._installed_manifest(package), answers)

    async def last_answers(self, repository: RepositoryName, name: PackageName, *, secrets: bool) -> Mapping[str, str]:
        """Return the answers of the last installation, all of them masked unless secrets may be seen.

        Which of them are secret was said by a manifest that is gone. That of today is no witness: whoever writes the
        repository could let it say that none is.
        """
        answers = await self._parts.records.last_answers(repository, name)
        return answers if secrets else dict.fromkeys(answers, MASK)

    async def clear_last_answers(self, repository: RepositoryName, name: PackageName) -> None:
        """Forget the answers of the last installation."""
        await self._parts.records.clear_last_answers(repository, name)

    async def descriptions(self) -> Mapping[PackageId, str]:
        """Return what is installed, each with its description."""
        return {installed.id: installed.manifest.description for installed in await self.packages.all()}

    async def installed(self) -> list[PackageId]:
        """Return what is installed, sorted."""
        return await self._parts.records.installed()

    async def find_installed(self, repository: str, name: str, version: str) -> PackageId | None:
        """Return the installed package that is meant, if there is one; empty fields fit everything."""
        wanted = (repository, name, version)
        for package in await self._parts.records.installed():
            parts = (package.repository, package.name, package.version)
            if all(not want or want == part for want, part in zip(wanted, parts, strict=True)):
                return package
        return None

    async def manifest(self, package: PackageId) -> Manifest:
        """Return the manifest that `install` would use. Raises `NotFound`, `Invalid`."""
        content = await self.planner.manifest(package)
        return await trio.to_thread.run_sync(load_manifest, content, f"{package.name}/{package.version}")

    async def preview(self, package: PackageId) -> Preview:
        """Return what an installation would make, as far as it is known without answers."""
        manifest = await self.manifest(package)
        total = sum([await self._quota(spec.quota) for spec in manifest.volumes.values()])
        usage = await self._parts.volumes.usage()
        return Preview(
            id=package,
            manifest=manifest,
            volumes=previewed_volumes(manifest),
            external_ports=literal_ports(manifest.external),
            internal_ports=literal_ports(manifest.internal),
            total_quota=total,
            quota_exceeds_disk=total > usage.available - DISK_RESERVE_SHARE * usage.total,
        )

    async def _quota(self, text: str) -> int:
        """Return the bytes of a quota; one that waits for an answer counts as the default."""
        try:
            quota = parse_bytes(text)
        except Invalid:
            quota = 0
        return quota or await self._settings.bytes("default_quota")

    async def _installed_manifest(self, package: PackageId) -> Manifest:
        content = await self._parts.records.manifest(package)
        return await trio.to_thread.run_sync(load_manifest, content, f"{package.name}/{package.version}")
