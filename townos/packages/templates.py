"""The templates of a package: what they see, and how they are checked and rendered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from townos.errors import Invalid
from townos.i18n import Bytes, Seconds
from townos.limits import (
    TEMPLATE_DEPTH_MAX,
    TEMPLATE_OUTPUT_MAX_BYTES,
    TEMPLATE_SECONDS_MAX,
    TEMPLATE_TEXT_MAX_BYTES,
)
from townos.packages.gotemplate import Limit, LimitExceeded, Limits, Place, Template, TemplateInvalid, from_json, parse
from townos.packages.gotemplate.values import Struct, Value

PACKAGE_FIELDS: Final = ("Name", "Version", "Repo", "Image", "Description")
SYSTEM_FIELDS: Final = ("Hostname", "ExternalIP", "InternalIP")
LIMITS: Final = Limits(TEMPLATE_OUTPUT_MAX_BYTES, TEMPLATE_TEXT_MAX_BYTES, TEMPLATE_DEPTH_MAX, TEMPLATE_SECONDS_MAX)
"""What a template may use at an installation."""
_GRANTED: Final[Mapping[Limit, object]] = {
    Limit.OUTPUT: Bytes(LIMITS.output),
    Limit.TEXT: Bytes(LIMITS.text),
    Limit.DEPTH: LIMITS.depth,
    Limit.SECONDS: Seconds(LIMITS.seconds),
}


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
                "Responses": from_json(dict(self.responses)),
                "Package": Struct("Package", {name: from_json(text) for name, text in self.package.items()}),
                "System": Struct("System", {name: from_json(text) for name, text in self.system.items()}),
            },
        )


class TemplateRefused(Invalid):
    """A template that cannot be read, or cannot be applied to its data. `place` is within its content."""

    def __init__(self, refused: TemplateInvalid) -> None:
        self.place: Place = refused.place
        self.reason = refused.message
        super().__init__("template.invalid", self.place.line, self.place.column, self.reason)


class TemplateExcessive(Invalid):
    """A template that would need more than its limits."""

    def __init__(self, exceeded: LimitExceeded) -> None:
        super().__init__(f"template.{exceeded.limit}", _GRANTED[exceeded.limit])


def check(content: str | bytes) -> None:
    """See whether a template can be read. Raises `TemplateRefused`."""
    _read(content)


def render(content: str | bytes, data: Data, go_on: Callable[[], None]) -> bytes:
    """Return what the template gives for some data; call it in a worker thread.

    `go_on` is called all the time, and what it raises ends the run: `trio.from_thread.check_cancelled` belongs there.
    Raises `TemplateRefused`, and `TemplateExcessive` beyond `LIMITS`.
    """
    template = _read(content)
    try:
        return template.execute(data.value(), LIMITS, go_on)
    except TemplateInvalid as error:
        raise TemplateRefused(error) from error
    except LimitExceeded as error:
        raise TemplateExcessive(error) from error


def _read(content: str | bytes) -> Template:
    try:
        return parse(content)
    except TemplateInvalid as error:
        raise TemplateRefused(error) from error
