"""What is to be said about a file of a package repository."""

from dataclasses import dataclass

from townos.errors import FieldError


@dataclass(frozen=True, slots=True)
class Finding:
    """An error, or a warning about something that can be installed all the same. `line` counts from 1."""

    file: str
    line: int
    field: FieldError
    is_warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.is_warning else ""
        return f"{kind}{self.file}:{self.line}: {self.field.name}: {self.field.text()}"
