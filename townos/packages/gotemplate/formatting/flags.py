"""What stands between `%` and the verb of a directive."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags, the width and the precision of a directive. Where there is no width or precision it is `None`."""

    width: int | None = None
    precision: int | None = None
    minus: bool = False
    plus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    with_names: bool = False
    """`%+v`: structs are shown with the names of their fields. The `+` says nothing else then."""
    go_syntax: bool = False
    """`%#v`: values are shown as they are written in Go. The `#` says nothing else then."""

    @property
    def zeros_to_width(self) -> int:
        """The width, if it is to be filled with zeros; or else 0. That is done only on the left."""
        return (self.width or 0) if self.zero and not self.minus else 0


DEFAULT = Flags()
