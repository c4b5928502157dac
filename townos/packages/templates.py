"""The data that the templates of a package see: `.Responses`, `.Package` and `.System`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from townos.packages.gotemplate.values import Map, Struct, Value

PACKAGE_FIELDS: Final = ("Name", "Version", "Repo", "Image", "Description")
SYSTEM_FIELDS: Final = ("Hostname", "ExternalIP", "InternalIP")


@dataclass(frozen=True, slots=True)
class Data:
    """What is known at an installation. An unknown response is `<no value>`, an unknown field an error."""

    responses: Mapping[str, str] = field(default_factory=dict)
    package: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(PACKAGE_FIELDS, ""))
    system: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(SYSTEM_FIELDS, ""))

    def value(self) -> Value:
        """Return the data as Go's values."""
        return Struct(
            "Data",
            {
                "Responses": Map({name.encode(): text.encode() for name, text in self.responses.items()}),
                "Package": Struct("Package", {name: text.encode() for name, text in self.package.items()}),
                "System": Struct("System", {name: text.encode() for name, text in self.system.items()}),
            },
        )
