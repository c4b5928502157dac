"""Go's fmt for Go's values: what `print`, `printf` and `println` give, and what a template prints.

All is written to a `Buffer`, which ends what would be too much before memory is filled with it.
"""

from collections.abc import Sequence

from townos.packages.gotemplate.formatting.buffer import Buffer
from townos.packages.gotemplate.formatting.directives import fprintf
from townos.packages.gotemplate.formatting.printing import print_value
from townos.packages.gotemplate.values import Value

__all__ = ["Buffer", "fprint", "fprintf", "fprintln", "print_value"]


def fprint(buffer: Buffer, values: Sequence[Value]) -> None:
    """Write values beside one another, with a space between two of which neither is a string."""
    for position, value in enumerate(values):
        if position and not isinstance(value, bytes) and not isinstance(values[position - 1], bytes):
            buffer.write(b" ")
        print_value(buffer, value, "v")


def fprintln(buffer: Buffer, values: Sequence[Value]) -> None:
    """Write a line with spaces between all values."""
    for position, value in enumerate(values):
        if position:
            buffer.write(b" ")
        print_value(buffer, value, "v")
    buffer.write(b"\n")
