"""Installing, uninstalling, and everything else that changes what is installed: what the HTTP interface calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from townos.errors import NotFound, at_field
from townos.installations.parts import Parts
from townos.installations.planning.data_planner import DataPlanner
from townos.installations.planning.install_planner import Planner, Surroundings
from townos.installations.planning.requests import Request
from townos.installations.steps.install import install_kinds
from townos.installations.steps.purge import PURGE, PURGE_KEPT, purge_kinds
from townos.installations.steps.rebuild import REBUILD, rebuild_kind
from townos.installations.steps.switching import DISABLE, ENABLE, switch_kinds
from townos.installations.steps.uninstall import UNINSTALL, uninstall_kind
from townos.installations.subjects import subject_of
from townos.names import PackageId, PackageName, RepositoryName, Version
from townos.operations.engine import Operations
from townos.operations.kinds import Planner as MakePlan
from townos.storage.paths import Area


@dataclass(frozen=True, slots=True)
class KeptVolumes:
    """The versions of a package that have volumes, sorted."""

    uninstalled_versions: Sequence[Version]
    installed_versions: Sequence[Version]


class Installations:
    """Changes what is installed. Every method returns when its operation has ended well.

    They raise what planning and `Operations.run` raise, and `Unavailable` while the boot is not done.
    """

    def __init__(
        self, parts: Parts, operations: Operations, surroundings: Surroundings, require_ready: Callable[[], None]
    ) -> None:
        self._parts = parts
        self._operations = operations
        self._require_ready = require_ready
        self.planner = Planner(parts, operations, surroundings)
        self._data = DataPlanner(parts, self.planner.volumes, surroundings.settings, surroundings.space)
        for kind in (
            *install_kinds(parts),
            uninstall_kind(parts),
            *purge_kinds(parts),
            rebuild_kind(parts),
            *switch_kinds(parts),
        ):
            operations.register(kind)

    async def install(self, request: Request, *, operation_id: str = "") -> None:
        """Install a package: a new one, the same version with other answers, or another version in its place."""
        kind = await self.planner.kind(request.package)
        await self._run(kind, request.package, partial(self.planner.install, request, kind), operation_id)

    async def uninstall(self, package: PackageId, *, purge: bool, operation_id: str = "") -> None:
        """Remove an installed version; its volumes are kept under `uninstalled/` unless they are purged."""
        await self._run(UNINSTALL, package, partial(self.planner.uninstall, package, purge=purge), operation_id)

    async def disable(self, repository: RepositoryName, name: PackageName, *, operation_id: str = "") -> None:
        """Stop a package and keep it from starting, until it is enabled again."""
        package = await self.installed_version(repository, name)
        await self._run(DISABLE, package, partial(self.planner.switch, package), operation_id)

    async def enable(self, repository: RepositoryName, name: PackageName, *, operation_id: str = "") -> None:
        """Start a package and let it start at every boot again."""
        package = await self.installed_version(repository, name)
        await self._run(ENABLE, package, partial(self.planner.switch, package), operation_id)

    async def purge_volumes(self, repository: RepositoryName, name: PackageName, *, operation_id: str = "") -> None:
        """Delete all data of an installed package for good; it starts again as after its installation."""
        package = await self.installed_version(repository, name)
        await self._run(PURGE, package, partial(self._data.purge, package), operation_id)

    async def purge_kept_volumes(
        self, repository: RepositoryName, name: PackageName, *, operation_id: str = ""
    ) -> None:
        """Delete for good what was kept of a package's uninstalled versions; nothing kept: nothing to do."""
        version = await self._data.kept_version(repository, name)
        if version is not None:
            package = PackageId(repository, name, version)
            await self._run(PURGE_KEPT, package, partial(self._data.purge_kept, repository, name), operation_id)

    async def rebuild_git(self, package: PackageId, *, operation_id: str = "") -> None:
        """Bring the git repositories in a package's volumes up to date and start it again."""
        await self._run(REBUILD, package, partial(self._data.rebuild, package), operation_id)

    async def kept_volumes(self, repository: RepositoryName, name: PackageName) -> KeptVolumes:
        """Return which versions of a package have volumes."""
        found = await self.planner.volumes.found(repository, name)
        return KeptVolumes(found.versions(Area.UNINSTALLED)[::-1], found.versions(Area.INSTALLED)[::-1])

    async def resolve_installed(self, repository: str, name: str, version: str) -> PackageId:
        """Return the installed package that is meant; an empty version is looked up. Raises `NotFound`, `Invalid`."""
        checked = at_field("repo", RepositoryName.parse, repository)
        package = at_field("name", PackageName.parse, name)
        return PackageId.parse(checked, package, version) if version else await self.installed_version(checked, package)

    async def installed_version(self, repository: RepositoryName, name: PackageName) -> PackageId:
        """Return the installed version of a package. Raises `NotFound`."""
        versions = await self._parts.records.versions(repository, name)
        if not versions:
            raise NotFound("install.not_installed", f"{repository}/{name}")
        return PackageId(repository, name, versions[-1])

    async def _run(self, kind: str, package: PackageId, plan: MakePlan, operation_id: str) -> None:
        self._require_ready()
        await self._operations.run(kind, subject_of(package), plan, operation_id=operation_id)
