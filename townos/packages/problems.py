"""What is wrong with a manifest, and on which of its lines."""

from collections.abc import Sequence

from townos.errors import FieldError, Invalid
from townos.i18n import Term, joined

Problem = tuple[int, FieldError]
"""A line of the manifest, counted from 1, and what is wrong there; line 0 is for what is wrong with an answer."""


class ManifestInvalid(Invalid):
    """A manifest that cannot be used. `lines` has the line of each field error, counted from 1."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.lines = tuple(line for line, _ in problems)
        mistakes = [Term("package.mistake", (error.name, error.term)) for _, error in problems]
        super().__init__("package.manifest", source, joined(mistakes), fields=(error for _, error in problems))


class PackageInvalid(Invalid):
    """Answers that do not fit, or fields that are wrong once the answers are put in.

    `lines` has the manifest's line of each field error, 0 where a question's answer is to blame.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.lines = tuple(line for line, _ in problems)
        super().__init__("package.responses", len(problems), fields=(error for _, error in problems))
