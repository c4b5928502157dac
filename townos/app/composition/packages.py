"""The packages: where they come from, and those that are installed."""

from dataclasses import dataclass
from typing import Self

from townos.app.adapters import Adapters
from townos.app.composition.core import Core
from townos.app.composition.installations import InstallationServices
from townos.app.composition.storage import StorageServices
from townos.git.client import GitClient
from townos.packages.loading import load_manifest
from townos.packages.versions import version_key
from townos.repositories import Catalogue, Repositories
from townos.repositories.seeds import seeds
from townos.vm.images import VmImages
from townos.vm.service import VmImageLibrary


@dataclass(frozen=True, slots=True)
class PackageServices:
    """Repositories and their catalogue, what is installed from them, and VM images."""

    catalogue: Catalogue
    repositories: Repositories
    installed: InstallationServices
    vm_images: VmImages
    vm_image_library: VmImageLibrary

    @classmethod
    def build(cls, core: Core, adapters: Adapters, storage: StorageServices) -> Self:
        """Build them."""
        git = adapters.git
        catalogue = Catalogue(core.configuration.repositories, git, load_manifest, version_key)
        vm_images = adapters.vm_images(core.settings, storage.space)
        installed = InstallationServices.build(core, adapters, storage, catalogue, vm_images)
        return cls(
            catalogue=catalogue,
            repositories=_repositories(core, git, catalogue),
            installed=installed,
            vm_images=vm_images,
            vm_image_library=VmImageLibrary(vm_images, core.operations, installed.vm_disks.users, storage.space),
        )


def _repositories(core: Core, git: GitClient, catalogue: Catalogue) -> Repositories:
    configuration = core.configuration
    return Repositories(
        configuration.repositories,
        git=git,
        catalogue=catalogue,
        clock=core.clock,
        seeds=seeds(
            configuration.default_credentials,
            test=configuration.test,
            debug=configuration.debug,
            core_url=configuration.test_core_url,
            extras_url=configuration.test_extras_url,
        ),
        default_credentials=configuration.default_credentials,
    )
