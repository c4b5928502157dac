"""Go's text/template: the whole language, with the output and the errors of Go.

`parse` reads a template, `Template.execute` applies it to data; `from_json` makes the data. Both raise
`TemplateInvalid` where Go 1.27 fails at the same stage.
"""

from collections.abc import Callable
from dataclasses import dataclass

from townos.packages.gotemplate.errors import Limit, LimitExceeded, Place, Stage, TemplateInvalid
from townos.packages.gotemplate.execution import executed
from townos.packages.gotemplate.json_values import from_json, utf_8
from townos.packages.gotemplate.limits import Limits
from townos.packages.gotemplate.nodes import Tree
from townos.packages.gotemplate.parsing import parsed
from townos.packages.gotemplate.values import Value

__all__ = ["Limit", "LimitExceeded", "Limits", "Place", "Stage", "Template", "TemplateInvalid", "from_json", "parse"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Template:
    """A template that was read, with those that it defines. It can be executed any number of times."""

    _tree: Tree

    def execute(self, data: Value, limits: Limits, check: Callable[[], None]) -> bytes:
        """Return the output for some data.

        `check` is called every now and then; what it raises ends the run. Raises `TemplateInvalid` where Go fails, and
        `LimitExceeded` if the template would need more than `limits`.
        """
        return executed(self._tree, data, limits, check)


def parse(text: bytes | str) -> Template:
    """Read a template. Raises `TemplateInvalid`."""
    return Template(parsed(utf_8(text) if isinstance(text, str) else text))
