"""What to install, and the manifest that it is installed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from townos.errors import NotFound
from townos.installations.ports import ManifestFiles
from townos.installations.records.manifests import read_manifest
from townos.installations.records.store import Records
from townos.names import PackageId
from townos.packages.manifest import Manifest


@dataclass(frozen=True, slots=True)
class LoadedManifest:
    """A manifest as it was read for an installation. `digest` is the SHA-256 of its file, in hexadecimal."""

    package: PackageId
    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True)
class ManifestLoader:
    """Reads the manifests that installations use."""

    manifests: ManifestFiles
    records: Records

    async def load(self, package: PackageId) -> LoadedManifest:
        """Return the repository's manifest, or the installed one if there is none. Raises `NotFound`, `Invalid`."""
        content = await self._content(package)
        manifest = await read_manifest(package, content)
        return LoadedManifest(package, manifest, sha256(content).hexdigest())

    async def _content(self, package: PackageId) -> bytes:
        try:
            return await self.manifests.content(package)
        except NotFound as not_offered:
            try:
                return await self.records.manifest(package)
            except NotFound:
                raise not_offered from None


@dataclass(frozen=True, slots=True)
class DataReuse:
    """What an installation takes over of older data: kept volumes, or copies of those of a version."""

    reuse_volumes: bool = False
    import_from_version: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A package, the answers to its questions, and what is taken over of earlier data and earlier answers."""

    loaded: LoadedManifest
    answers: Mapping[str, str] = field(default_factory=dict)
    data_reuse: DataReuse = field(default_factory=DataReuse)
    skip_response_reuse: bool = False

    @property
    def package(self) -> PackageId:
        """The package that is meant."""
        return self.loaded.package
