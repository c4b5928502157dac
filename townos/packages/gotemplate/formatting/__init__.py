"""Go's fmt for Go's values: what `print`, `printf` and `println` give, and what a template prints.

A `limit` is for the bytes of one result. More than that raise `LimitExceeded`, before memory is filled with them.
"""

from collections.abc import Sequence

from townos.packages.gotemplate.errors import Limit
from townos.packages.gotemplate.formatting.buffer import Buffer
from townos.packages.gotemplate.formatting.directives import write_formatted
from townos.packages.gotemplate.formatting.printing import print_value
from townos.packages.gotemplate.values import Value

__all__ = ["printed", "sprint", "sprintf", "sprintln"]


def printed(value: Value, limit: int | None = None) -> bytes:
    """Return what a template prints for a value."""
    if isinstance(value, bytes):
        return value
    buffer = Buffer(limit, Limit.OUTPUT)
    print_value(buffer, value, "v")
    return buffer.written()


def sprint(values: Sequence[Value], limit: int | None = None) -> bytes:
    """Return values beside one another, with a space between two of which neither is a string."""
    buffer = Buffer(limit, Limit.TEXT)
    for position, value in enumerate(values):
        if position and not isinstance(value, bytes) and not isinstance(values[position - 1], bytes):
            buffer.write(b" ")
        print_value(buffer, value, "v")
    return buffer.written()


def sprintln(values: Sequence[Value], limit: int | None = None) -> bytes:
    """Return a line with spaces between all values."""
    buffer = Buffer(limit, Limit.TEXT)
    for position, value in enumerate(values):
        if position:
            buffer.write(b" ")
        print_value(buffer, value, "v")
    buffer.write(b"\n")
    return buffer.written()


def sprintf(form: bytes, values: Sequence[Value], limit: int | None = None) -> bytes:
    """Return what a format makes of values. What is wrong with the format is in the result too."""
    buffer = Buffer(limit, Limit.TEXT)
    write_formatted(buffer, form, values)
    return buffer.written()
