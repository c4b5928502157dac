"""What can be wrong with a template, for whoever asked for it to be put into words for people."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Stage(StrEnum):
    """Where a template failed: when it was read, or when it was applied to its data."""

    PARSE = "parse"
    EXEC = "exec"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a text and a character in it, both counted from 1."""

    line: int
    column: int

    @classmethod
    def at(cls, text: bytes, position: int) -> Self:
        """Return the place of a byte of a text."""
        start = text.rfind(b"\n", 0, position) + 1
        return cls(text.count(b"\n", 0, position) + 1, len(text[start:position].decode("utf-8", "replace")) + 1)


class TemplateInvalid(Exception):
    """Go refuses this template, or refuses to apply it to this data."""

    def __init__(self, stage: Stage, place: Place, message: str) -> None:
        super().__init__(f"line {place.line}: {message}")
        self.stage = stage
        self.place = place
        self.message = message


class Refused(Exception):
    """A function does not take these arguments. The executor knows the place and makes `TemplateInvalid` of it."""


class Limit(StrEnum):
    """What a template may use only so much of."""

    OUTPUT = "output"
    TEXT = "text"
    DEPTH = "depth"
    SECONDS = "seconds"


class LimitExceeded(Exception):
    """The template would do something that Go allows, but uses more than its caller grants."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(f"the template exceeds its limit of {limit}")
        self.limit = limit
