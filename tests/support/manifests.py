"""Small stand-ins for what reads manifests, so that tests of the catalogue are about the catalogue."""

from dataclasses import dataclass

from townos.errors import Invalid
from townos.packages.manifest import Runtime


@dataclass(frozen=True)
class Manifest:
    """The parts that the catalogue looks at, and the whole text."""

    text: str
    description: str = ""
    supplies: tuple[str, ...] = ()
    runtime: Runtime = "container"


class CountingLoader:
    """Takes the text of a manifest as its description, refuses the text `broken`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def __call__(self, text: bytes, source: str) -> Manifest:
        self.loaded.append(source)
        if text == b"broken":
            raise Invalid("repository.manifest_unreadable", source, "broken")
        return Manifest(text.decode(), text.decode())


def numeric_version(version: str) -> tuple[int, ...]:
    """A sort key for versions made of numbers only."""
    return tuple(int(part) for part in version.split("."))
