"""Telling about packages: what is installed, what was answered, and what an installation would make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from townos.errors import Invalid, NotFound
from townos.installations.planning.requests import DataReuse, LoadedManifest, ManifestLoader
from townos.installations.planning.volume_planner import VolumePlanner, origin_of
from townos.installations.preview import Preview, literal_ports, previewed_volumes
from townos.installations.records.installed import InstalledPackages
from townos.installations.records.manifests import read_manifest
from townos.installations.records.masking import MASK, masked, masked_notes
from townos.installations.records.store import Records
from townos.limits import DISK_RESERVE_SHARE
from townos.names import PackageId, PackageName, RepositoryName
from townos.packages.manifest import Manifest, NoteType
from townos.packages.notes import compile_notes
from townos.packages.package import GitSeed
from townos.packages.questions import Question
from townos.quantities import parse_bytes
from townos.storage.volumes import VolumeViews


@dataclass(frozen=True, slots=True)
class InstalledInfo:
    """What there is to know about an installed package. `has_git` tells whether a volume of it comes from git."""

    questions: Mapping[str, Question]
    answers: Mapping[str, str]
    notes: Mapping[str, str]
    note_types: Mapping[str, NoteType]
    has_git: bool
    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Reads records and manifests; changes nothing."""

    records: Records
    installed_packages: InstalledPackages
    loader: ManifestLoader
    volume_planner: VolumePlanner
    volumes: VolumeViews

    async def info(self, package: PackageId, *, secrets: bool) -> InstalledInfo:
        """Return questions, answers and notes of an installed package, secrets masked unless they may be seen."""
        installed = await self.installed_packages.get(package)
        manifest, answers = installed.manifest, installed.answers
        values = {**installed.hosts.values(), **answers}
        return InstalledInfo(
            questions=manifest.questions,
            answers=answers if secrets else masked(manifest, answers),
            notes=compile_notes(manifest.notes, values) if secrets else masked_notes(manifest, values),
            note_types={name: note.type for name, note in manifest.notes.items() if note.type},
            has_git=any(isinstance(seed, GitSeed) for seed in installed.package.seeds),
            disabled=await self.records.disabled(package.repository, package.name),
        )

    async def answers(self, package: PackageId, *, secrets: bool) -> Mapping[str, str]:
        """Return the answers of an installed version, none if it is not installed."""
        answers = await self.records.answers(package)
        if secrets or not answers:
            return answers
        return masked(await self._load(package, await self.records.manifest(package)), answers)

    async def last_answers(self, repository: RepositoryName, name: PackageName, *, secrets: bool) -> Mapping[str, str]:
        """Return the answers of the last installation, all of them masked unless secrets may be seen.

        Which of them are secret was said by a manifest that is gone. That of today is no witness: whoever writes the
        repository could let it say that none is.
        """
        answers = await self.records.last_answers(repository, name)
        return answers if secrets else dict.fromkeys(answers, MASK)

    async def clear_last_answers(self, repository: RepositoryName, name: PackageName) -> None:
        """Forget the answers of the last installation."""
        await self.records.clear_last_answers(repository, name)

    async def children(self, repository: RepositoryName, name: PackageName) -> Sequence[str]:
        """Return the names of a package's children, as they are recorded."""
        return await self.records.children(repository, name)

    async def descriptions(self) -> Mapping[PackageId, str]:
        """Return what is installed, each with its description."""
        state = await self.installed_packages.state()
        return {installed.id: installed.manifest.description for installed in state.readable.values()}

    async def installed(self) -> list[PackageId]:
        """Return what is installed, sorted."""
        return await self.records.installed()

    async def find_installed(self, repository: str, name: str, version: str) -> PackageId | None:
        """Return the installed package that is meant, if there is one; empty fields fit everything."""
        wanted = (repository, name, version)
        for package in await self.records.installed():
            parts = (package.repository, package.name, package.version)
            if all(not want or want == part for want, part in zip(wanted, parts, strict=True)):
                return package
        return None

    async def load(self, package: PackageId) -> LoadedManifest:
        """Return the manifest that an installation would use, for a `Request`. Raises `NotFound`, `Invalid`."""
        return await self.loader.load(package)

    async def manifest(self, package: PackageId) -> Manifest:
        """Return the manifest that an installation would use. Raises `NotFound`, `Invalid`."""
        return (await self.loader.load(package)).manifest

    async def installed_manifest(self, package: PackageId) -> Manifest | None:
        """Return the manifest that an installed package runs from, if there is one that can be read."""
        try:
            return await self._load(package, await self.records.manifest(package))
        except (NotFound, Invalid):
            return None

    async def preview(self, package: PackageId) -> Preview:
        """Return what an installation would make, as far as it is known without answers."""
        manifest = await self.manifest(package)
        previous = await self._previous(package)
        existing = await self.volume_planner.existing(package.repository, package.name)
        origins = {
            name: origin_of(package, name, previous, DataReuse(), existing).origin for name in sorted(manifest.volumes)
        }
        total = sum([await self._quota(spec.quota) for spec in manifest.volumes.values()])
        usage = await self.volumes.usage()
        return Preview(
            id=package,
            manifest=manifest,
            upgrading_from=previous.version if previous not in {None, package} else None,
            volumes=previewed_volumes(manifest, origins),
            external_ports=literal_ports(manifest.external),
            internal_ports=literal_ports(manifest.internal),
            disk_usage=usage,
            total_quota=total,
            quota_exceeds_disk=total > usage.available - DISK_RESERVE_SHARE * usage.total,
        )

    async def _previous(self, package: PackageId) -> PackageId | None:
        versions = await self.records.versions(package.repository, package.name)
        return replace(package, version=versions[-1]) if versions else None

    async def _quota(self, text: str) -> int:
        """Return the bytes of a quota; one that waits for an answer counts as the default."""
        try:
            quota = parse_bytes(text)
        except Invalid:
            quota = 0
        return await self.volume_planner.quota(quota)

    async def _load(self, package: PackageId, content: bytes) -> Manifest:
        return await read_manifest(package, content)
