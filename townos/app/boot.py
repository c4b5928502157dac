"""What is still to be done after the start, while HTTP already answers.

Stages run one after the other; one that fails is logged and shown, and the next ones still run: a broken part must
not keep the rest of the appliance from coming up.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import trio

from townos.errors import Unavailable
from townos.i18n import Term
from townos.limits import BOOT_RETRY_AFTER_SECONDS
from townos.redaction import reason

STAGES: Final = "boot.stage."
"""Before its name: the key of what people call a stage."""

START: Final = "start"
log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """One piece of work of the boot. `name` shows in the ping while it is pending."""

    name: str
    work: Callable[[], Awaitable[object]]


class Boot:
    """Runs the stages and tells which are pending."""

    def __init__(self) -> None:
        self._stages: tuple[Stage, ...] = ()
        self._pending = [START]
        self._failures: dict[str, Term] = {}
        self._ended = trio.Event()

    def plan(self, *stages: Stage) -> None:
        """Set the stages. Until then, the start itself is what is pending."""
        self._stages = stages
        self._pending = [stage.name for stage in stages]

    @property
    def pending(self) -> tuple[str, ...]:
        """Names of the stages that have not ended, in order."""
        return tuple(self._pending)

    @property
    def failures(self) -> dict[str, Term]:
        """Name and error of each stage that failed."""
        return dict(self._failures)

    def require_ended(self) -> None:
        """Raise `Unavailable` with a time to try again while anything is pending."""
        if self._pending:
            raise Unavailable(
                "boot.not_ready", Term(f"{STAGES}{self._pending[0]}"), retry_after=BOOT_RETRY_AFTER_SECONDS
            )

    async def wait_ended(self) -> None:
        """Wait until every stage has ended."""
        await self._ended.wait()

    async def run(self) -> None:
        """Run every stage once; begun again, it goes on with those that are pending."""
        for stage in self._stages:
            if stage.name in self._pending:
                await self._attempt(stage)
                self._pending.remove(stage.name)
        self._ended.set()

    async def _attempt(self, stage: Stage) -> None:
        try:
            await stage.work()
        except Exception as error:
            log.exception("boot: %s failed", stage.name, extra={"fields": {"STAGE": stage.name}})
            self._failures[stage.name] = reason(error)
