"""Rendering a package's templates: once to see that it works, and then into the volumes."""

import socket
import time

import trio

from townos.errors import FieldError, Invalid, TownError
from townos.installations.parts import Parts
from townos.installations.planning.resolution import ResolvedPackage
from townos.installations.records.installed import Installed
from townos.limits import TEMPLATES_SECONDS_MAX
from townos.names import InnerPath
from townos.operations.kinds import Progress, counted
from townos.packages.compile import HostNames
from townos.packages.package import PackageTemplate
from townos.packages.questions import converted
from townos.packages.template_data import template_data
from townos.packages.templates import Data, render
from townos.storage.paths import VolumePath


async def check_templates(made: ResolvedPackage, hosts: HostNames) -> None:
    """Render every template of a package that is going to be installed. Raises `Invalid` naming those that fail."""
    values = converted(made.manifest.questions, made.answers)
    data = template_data(made.package, values, socket.gethostname(), hosts)
    allowance, errors = _Allowance(), []
    for template in made.package.templates:
        try:
            await _rendered(template, data, allowance)
        except TownError as error:
            errors.append(FieldError(f"templates.{template.name}.content", error.code, error.params))
        if allowance.is_used_up():
            break
    if errors:
        raise Invalid("package.responses", len(errors), fields=errors)


async def render_templates(parts: Parts, installed: Installed, progress: Progress) -> None:
    """Render the templates of an installed package into its volumes; a file that is there is never overwritten.

    Raises what rendering raises, `Invalid` for a link or a file in the way, `NoSpace`.
    """
    package = installed.package
    values = converted(installed.manifest.questions, installed.answers)
    data = template_data(package, values, socket.gethostname(), installed.hosts)
    allowance = _Allowance()
    owners = {volume.name: (volume.uid, volume.gid) for volume in package.volumes}
    for template in counted(package.templates, progress):
        uid, gid = owners[template.volume]
        owner = (uid, gid) if uid is not None and gid is not None else None
        volume, path = VolumePath.installed(package.id, template.volume), InnerPath.parse(template.path)
        await parts.volumes.add_file(volume, path, await _rendered(template, data, allowance), owner)


async def _rendered(template: PackageTemplate, data: Data, allowance: "_Allowance") -> bytes:
    return await trio.to_thread.run_sync(render, template.content, data, allowance.go_on)


class _Allowance:
    """The time that all templates of a package have together, from now on.

    Each has a limit of its own, but a manifest may hold a thousand of them, and others wait for the plan.
    """

    def __init__(self) -> None:
        self._end = time.monotonic() + TEMPLATES_SECONDS_MAX

    def is_used_up(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def go_on(self) -> None:
        """Raise `Invalid` when the time is over, and what ends a cancelled run. Called in the thread that renders."""
        trio.from_thread.check_cancelled()
        if self.is_used_up():
            raise Invalid("template.all_seconds", TEMPLATES_SECONDS_MAX)
