"""Unit files as data, their text, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass

from townos.errors import Invalid
from townos.systemd import quoting


@dataclass(frozen=True, slots=True)
class Exec:
    """A command: groups of words, each on a line of its own. The first word is an absolute path."""

    groups: tuple[tuple[str, ...], ...]
    ignore_failure: bool = False

    @classmethod
    def line(cls, *words: str, ignore_failure: bool = False) -> "Exec":
        """Return a command on one line."""
        return cls((words,), ignore_failure)

    @property
    def argv(self) -> tuple[str, ...]:
        """The words that the process gets."""
        return tuple(text for group in self.groups for text in group)

    def __str__(self) -> str:
        if not self.argv or not self.argv[0].startswith("/"):
            raise Invalid("unit.no_absolute_path")
        return ("-" if self.ignore_failure else "") + quoting.command(self.groups)


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its name and its entries in order; a name may come several times."""

    name: str
    entries: tuple[tuple[str, str | Exec], ...]

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (f"[{self.name}]", *map(_line, self.entries)))


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A unit file. `str` gives its text; raises `Invalid` for what cannot be written."""

    sections: tuple[Section, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.sections))


def _line(entry: tuple[str, str | Exec]) -> str:
    name, content = entry
    text = str(content) if isinstance(content, Exec) else quoting.value(content)
    return quoting.check_line(f"{name}={text}")


def parse(text: str) -> UnitFile:
    """Read the text of a `UnitFile` back; entries whose names begin with `Exec` are commands."""
    sections: list[tuple[str, list[tuple[str, str | Exec]]]] = []
    for line in text.replace(" \\\n    ", " \0").split("\n"):
        if line.startswith("["):
            sections.append((line[1:-1], []))
        elif line:
            name, _, content = line.partition("=")
            sections[-1][1].append((name, _parsed(name, content)))
    return UnitFile(tuple(Section(name, tuple(entries)) for name, entries in sections))


def _parsed(name: str, content: str) -> str | Exec:
    if not name.startswith("Exec"):
        return content.replace("%%", "%").strip(" ")
    groups = [tuple(quoting.words(group)) for group in content.removeprefix("-").split(" \0")]
    return Exec(tuple(groups), ignore_failure=content.startswith("-"))


def entries(unit: UnitFile, name: str) -> Sequence[str | Exec]:
    """Return all values of an entry, in order."""
    return [content for section in unit.sections for key, content in section.entries if key == name]
