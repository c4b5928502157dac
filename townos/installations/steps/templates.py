"""The files that the package's templates become."""

from collections.abc import Sequence

from townos.installations.steps.change import Change
from townos.installations.steps.templating import render_templates
from townos.operations.kinds import Progress, Step, nothing


class Templates(Change):
    """Renders into the volumes, whose undos take the files away again."""

    def steps(self) -> Sequence[Step]:
        """Return the step; none unless there is something to render."""
        return (Step("templates", self._render, nothing, unit="files"),) if self.plan.templates else ()

    async def _render(self, progress: Progress) -> None:
        await render_templates(self.parts, await self.parts.installed.get(self.package), progress)
