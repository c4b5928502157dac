"""Random formats for `printf`."""

from random import Random
from typing import Final

_VERBS: Final = "vvvdddsssqqxXcUtTbooOeEfFgGgp%wz!é\u200b\udcff"
_FLAGS: Final = "+-# 0"
_NUMBERS: Final = ("", "", "", "1", "5", "12", "0", "3", "*", "[1]*", "[2]", "[9]", "[x]", "30", "[3]*", "70", "007")
_LARGE: Final = ("1000001", "10000009", "10000010", "99999999999999999999")
_INDEXES: Final = ("", "", "", "", "", "", "", "[1]", "[2]", "[", "[]", "[-1]", "[ 1]", "[1", "[99999999]", "[01]")
_BETWEEN: Final = ("", "", "-", "é", "%%", "\\n", "\udcff")
_SURPLUS: Final = (0, 0, 0, 0, 0, 0, 1, -1)


def form(random: Random) -> tuple[str, int]:
    """Make a format as a constant, and say how many arguments are fit for it, more or less."""
    directives = random.choice((1, 1, 1, 2, 3))
    text = "".join(random.choice(_BETWEEN) + _directive(random) for _ in range(directives))
    if random.random() < 0.02:
        text += random.choice(("%", "%-", "%5", "%.", "%5.", "%[1]", "%*"))
    quote = random.choice('"""`')  # only within backquotes a byte that is no UTF-8 stays one
    return quote + text + quote, max(0, directives + text.count("*") + random.choice(_SURPLUS))


def _directive(random: Random) -> str:
    flags = "".join(random.choice(_FLAGS) for _ in range(random.choice((0, 0, 1, 1, 2, 3))))
    width = _number(random)
    precision = random.choice(("", "", "", ".")) and "." + _number(random)
    return f"%{flags}{width}{precision}{random.choice(_INDEXES)}{random.choice(_VERBS)}"


def _number(random: Random) -> str:
    return random.choice(_LARGE) if random.random() < 0.002 else random.choice(_NUMBERS)
