"""Installations: of what is not installed, of other answers, and of another version with the way back.

Whatever can fail for reasons outside comes before anything is stopped. The step that makes it final is the point of no
return: what is undone before leaves what was there, running and with its data.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from townos.installations.parts import Parts
from townos.installations.planning.plans import INSTALL, UPGRADE, InstallPlan, read
from townos.installations.steps.conclusion import FINISH, Conclusion
from townos.installations.steps.network import Network
from townos.installations.steps.recording import Recording
from townos.installations.steps.replacement import Replacement
from townos.installations.steps.seeds import Seeds
from townos.installations.steps.service import Service
from townos.installations.steps.supply import Supply
from townos.installations.steps.templates import Templates
from townos.installations.steps.volumes import NewVolumes
from townos.installations.subjects import on_package
from townos.names import PackageId
from townos.operations.kinds import Kind, Step

_CHANGES: Final = (Supply, NewVolumes, Seeds, Replacement, Recording, Templates, Network, Service, Conclusion)


def install_kinds(parts: Parts) -> Sequence[Kind]:
    """Return the kinds of operation that install."""

    def build(package: PackageId, plan: Mapping[str, Any]) -> Sequence[Step]:
        planned = read(InstallPlan, plan)
        return [step for change in _CHANGES for step in change(package, planned, parts).steps()]

    return [Kind(name, on_package(build), no_return=FINISH) for name in (INSTALL, UPGRADE)]
