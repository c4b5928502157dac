"""Rendering templates, and the check before an installation that all of them can be rendered."""

import socket
import time
from typing import Final

import trio

from townos.concurrency import ThreadBudget
from townos.errors import FieldError, Invalid, TownError
from townos.i18n import Seconds
from townos.installations.planning.resolution import ResolvedPackage
from townos.limits import TEMPLATE_THREADS, TEMPLATES_SECONDS_MAX
from townos.packages.compile import HostNames
from townos.packages.package import PackageTemplate
from townos.packages.questions import converted
from townos.packages.template_data import template_data
from townos.packages.templates import Data, render

_RENDERING: Final = ThreadBudget(TEMPLATE_THREADS)


async def check_templates(resolved: ResolvedPackage, hosts: HostNames) -> None:
    """Render every template of a package that is going to be installed. Raises `Invalid` naming those that fail."""
    values = converted(resolved.manifest.questions, resolved.answers)
    data = template_data(resolved.package, values, socket.gethostname(), hosts)
    allowance, errors = TimeAllowance(), []
    for template in resolved.package.templates:
        try:
            await rendered(template, data, allowance)
        except TownError as error:
            errors.append(FieldError(f"templates.{template.name}.content", error.code, error.params))
        if allowance.is_used_up():
            break
    if errors:
        raise Invalid("package.responses", len(errors), fields=errors)


async def rendered(template: PackageTemplate, data: Data, allowance: "TimeAllowance") -> bytes:
    """Render one template within the time that is left. Raises `TownError`."""
    return await _RENDERING.run(render, template.content, data, allowance.go_on)


class TimeAllowance:
    """The time that all templates of a package have together, from now on.

    Each has a limit of its own, but a manifest may hold a thousand of them, and somebody waits for the plan.
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
            raise Invalid("template.all_seconds", Seconds(TEMPLATES_SECONDS_MAX))
