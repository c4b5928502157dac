"""Installing, uninstalling, and everything else that changes what is installed: what the HTTP interface calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from townos.errors import NotFound, at_field
from townos.installations.planning.data_planner import DataPlanner
from townos.installations.planning.install_planner import InstallPlanner, kind_of_installation
from townos.installations.planning.lifecycle_planner import LifecyclePlanner
from townos.installations.planning.requests import Request
from townos.installations.planning.volume_planner import VolumePlanner
from townos.installations.records.installed import InstalledPackages
from townos.installations.records.store import Records
from townos.installations.steps.purge import PURGE, PURGE_KEPT
from townos.installations.steps.rebuild import REBUILD
from townos.installations.steps.switching import DISABLE, ENABLE
from townos.installations.steps.uninstall import UNINSTALL
from townos.installations.subjects import subject_of
from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.operations.claim import Planner
from townos.operations.engine import Operations
from townos.storage.paths import Area


@dataclass(frozen=True, slots=True)
class KeptVolumes:
    """The versions of a package that have volumes, sorted."""

    uninstalled_versions: Sequence[Version]
    installed_versions: Sequence[Version]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installations:
    """Changes what is installed. Every method returns when its operation has ended well.

    They raise what planning and `Operations.run` raise, and `Unavailable` while the boot is not done.
    """

    records: Records
    installed: InstalledPackages
    volumes: VolumePlanner
    install_planner: InstallPlanner
    lifecycle_planner: LifecyclePlanner
    data_planner: DataPlanner
    operations: Operations
    require_ready: Callable[[], None]

    async def install(self, request: Request, *, operation_id: str = "") -> None:
        """Install a package: a new one, the same version with other answers, or another version in its place."""
        state = await self.installed.state()
        kind = kind_of_installation(request.loaded, state)
        planner = partial(self.install_planner.prepare, request, kind, state)
        await self._run(kind, request.package, planner, operation_id)

    async def uninstall(self, package: PackageId, *, purge: bool, operation_id: str = "") -> None:
        """Remove an installed version; its volumes are kept under `uninstalled/` unless they are purged."""
        planner = partial(self.lifecycle_planner.uninstall, package, purge=purge)
        await self._run(UNINSTALL, package, planner, operation_id)

    async def disable(self, repository: RepositoryName, name: PackageName, *, operation_id: str = "") -> None:
        """Stop a package and keep it from starting, until it is enabled again."""
        package = await self.installed_version(repository, name)
        await self._run(DISABLE, package, partial(self.lifecycle_planner.switch, package), operation_id)

    async def enable(self, repository: RepositoryName, name: PackageName, *, operation_id: str = "") -> None:
        """Start a package and let it start at every boot again."""
        package = await self.installed_version(repository, name)
        await self._run(ENABLE, package, partial(self.lifecycle_planner.switch, package), operation_id)

    async def purge_volumes(self, repository: RepositoryName, name: PackageName, *, operation_id: str = "") -> None:
        """Delete all data of an installed package for good; it starts again as after its installation."""
        package = await self.installed_version(repository, name)
        await self._run(PURGE, package, partial(self.data_planner.purge, package), operation_id)

    async def purge_kept_volumes(
        self, repository: RepositoryName, name: PackageName, *, operation_id: str = ""
    ) -> None:
        """Delete for good what was kept of a package's uninstalled versions; nothing kept: nothing to do."""
        version = await self.data_planner.kept_version(repository, name)
        if version is not None:
            package = PackageId(repository, name, version)
            await self._run(PURGE_KEPT, package, partial(self.data_planner.purge_kept, repository, name), operation_id)

    async def rebuild_git(self, package: PackageId, *, operation_id: str = "") -> None:
        """Bring the git repositories in a package's volumes up to date and start it again."""
        await self._run(REBUILD, package, partial(self.data_planner.rebuild, package), operation_id)

    async def kept_volumes(self, repository: RepositoryName, name: PackageName) -> KeptVolumes:
        """Return which versions of a package have volumes."""
        existing = await self.volumes.existing(repository, name)
        return KeptVolumes(existing.versions(Area.UNINSTALLED)[::-1], existing.versions(Area.INSTALLED)[::-1])

    async def resolve_installed(self, repository: str, name: str, version: str) -> PackageId:
        """Return the installed package that is meant; an empty version is looked up. Raises `NotFound`, `Invalid`."""
        checked = at_field("repo", RepositoryName.parse, repository)
        package = at_field("name", PackageName.parse, name)
        return PackageId.parse(checked, package, version) if version else await self.installed_version(checked, package)

    async def installed_version(self, repository: RepositoryName, name: PackageName) -> PackageId:
        """Return the installed version of a package. Raises `NotFound`."""
        versions = await self.records.versions(repository, name)
        if not versions:
            raise NotFound("install.not_installed", f"{repository}/{name}")
        return PackageId(repository, name, versions[-1])

    async def _run(self, kind: str, package: PackageId, planner: Planner, operation_id: str) -> None:
        self.require_ready()
        await self.operations.run(kind, subject_of(package), planner, operation_id=operation_id)
