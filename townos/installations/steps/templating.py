"""Rendering the templates of packages into their volumes."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from townos.installations.planning.rendering import TimeAllowance, rendered
from townos.installations.records.installed import Installed, InstalledPackages
from townos.installations.steps.change import Change
from townos.names import InnerPath, PackageId
from townos.operations.kinds import Progress, Step, counted, nothing
from townos.packages.questions import converted
from townos.packages.template_data import template_data
from townos.storage.paths import VolumePath
from townos.storage.volumes import Volumes


@dataclass(frozen=True, slots=True)
class TemplateWriter:
    """Renders the templates of installed packages into their volumes; a file that is there is never overwritten."""

    volumes: Volumes
    installed: InstalledPackages

    async def write_of(self, package: PackageId, progress: Progress) -> None:
        """Render the templates of what is installed. Raises what `write` raises, `NotFound`."""
        await self.write(await self.installed.get(package), progress)

    async def write(self, installed: Installed, progress: Progress) -> None:
        """Render the templates of an installed package.

        Raises what rendering raises, `Invalid` for a link or a file in the way, `NoSpace`.
        """
        package = installed.package
        values = converted(installed.manifest.questions, installed.answers)
        data = template_data(package, values, socket.gethostname(), installed.hosts)
        allowance = TimeAllowance()
        owners = {volume.name: (volume.uid, volume.gid) for volume in package.volumes}
        for template in counted(package.templates, progress):
            uid, gid = owners[template.volume]
            owner = (uid, gid) if uid is not None and gid is not None else None
            volume, path = VolumePath.installed(package.id, template.volume), InnerPath.parse(template.path)
            await self.volumes.add_file(volume, path, await rendered(template, data, allowance), owner)


@dataclass(frozen=True, slots=True)
class RenderTemplates:
    """Renders into the volumes, whose undos take the files away again."""

    writer: TemplateWriter

    def steps(self, change: Change) -> Sequence[Step]:
        """Return the step; none unless there is something to render."""
        if not change.plan.templates:
            return ()
        return (Step("templates", partial(self.writer.write_of, change.package), nothing, unit="files"),)
