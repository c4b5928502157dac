"""The fields of a manifest while the answers are put in: what is wrong is collected, with its line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from townos.errors import FieldError, TownError
from townos.packages.manifest import Manifest
from townos.packages.problems import Problem
from townos.packages.substitution import Room, substitute

T = TypeVar("T")


@dataclass(slots=True)
class Fields:
    """Puts values into the fields of one manifest; they share the room."""

    manifest: Manifest
    values: Mapping[str, str]
    room: Room = field(default_factory=Room)
    problems: list[Problem] = field(default_factory=list)

    def value(self, path: str, text: str, parse: Callable[[str], T]) -> T | None:
        """Return what `parse` makes of a text with the answers in it; its `TownError` becomes a problem and `None`."""
        return self.attempt(path, lambda: parse(substitute(text, self.values, self.room)))

    def attempt(self, path: str, work: Callable[[], T]) -> T | None:
        """Return what `work` does; a `TownError` becomes a problem with its own fields, or else with `path`."""
        try:
            return work()
        except TownError as error:
            for problem in error.fields or (FieldError(path, error.code, error.params),):
                self.problems.append((self.manifest.line(problem.name), problem))
            return None

    def refuse(self, path: str, code: str, *params: object) -> None:
        """Add a problem."""
        self.problems.append((self.manifest.line(path), FieldError(path, code, params)))
