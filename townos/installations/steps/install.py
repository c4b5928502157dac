"""Installations: of what is not installed, of other answers, and of another version, which a failure rolls back.

Whatever can fail for reasons outside comes before anything is stopped. The step that makes it final is the point of no
return: what is undone before leaves what was there, running and with its data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from townos.installations.planning.plans import INSTALL, UPGRADE, InstallPlan, read
from townos.installations.steps.change import Change, StepGroup
from townos.installations.steps.fetching import Fetch
from townos.installations.steps.recording import FINISH, Finish, Record
from townos.installations.steps.replacement import Replace
from townos.installations.steps.seeding import Seed
from townos.installations.steps.service import RunService, WriteNetworkState
from townos.installations.steps.templating import RenderTemplates
from townos.installations.steps.volumes import MakeVolumes
from townos.installations.subjects import on_package
from townos.names import PackageId
from townos.operations.kinds import Kind, Plan, Step


@dataclass(frozen=True, slots=True)
class InstallSteps:
    """The steps of an installation, in the order of these fields."""

    fetch: Fetch
    make_volumes: MakeVolumes
    seed: Seed
    replace: Replace
    record: Record
    render_templates: RenderTemplates
    write_network_state: WriteNetworkState
    run_service: RunService
    finish: Finish

    def kinds(self) -> Sequence[Kind]:
        """Return the kinds of operation that install."""
        return [Kind(name, on_package(self._build), no_return=FINISH) for name in (INSTALL, UPGRADE)]

    def _build(self, package: PackageId, plan: Plan) -> Sequence[Step]:
        change = Change(package, read(InstallPlan, plan))
        in_order: Sequence[StepGroup] = (
            self.fetch,
            self.make_volumes,
            self.seed,
            self.replace,
            self.record,
            self.render_templates,
            self.write_network_state,
            self.run_service,
            self.finish,
        )
        return [step for group in in_order for step in group.steps(change)]
