"""What can be wrong with a template, for whoever asked for it to be put into words for people."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a template failed: when it was read, or when it was applied to its data."""

    PARSE = "parse"
    EXEC = "exec"


class TemplateInvalid(Exception):
    """Go refuses this template, or refuses to apply it to this data. `line` counts from 1."""

    def __init__(self, stage: Stage, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.stage = stage
        self.line = line
        self.message = message


class Refused(Exception):
    """A function does not take these arguments. The executor knows the line and makes `TemplateInvalid` of it."""


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
