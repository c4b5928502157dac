"""Random data, as JSON has them."""

import math
import struct
from collections.abc import Callable
from random import Random
from typing import Any, Final

from tests.gotemplate.grammar.literals import character

_STRINGS: Final = (
    "",
    "a",
    "hello",
    "<b>&'\"=\\",
    "é",
    "日本語",
    "x y",
    "\n\t\0",
    "\u200b\ue000",
    "\U0001f600",
    "A-._~/?+",
    "10",
    "\x7f`",
)
_INTEGERS: Final = (
    0,
    1,
    -1,
    2,
    3,
    10,
    97,
    255,
    8364,
    128512,
    1114112,
    55296,
    1 << 62,
    (1 << 63) - 1,
    -(1 << 63),
    1 << 64,
)
_FLOATS: Final = (
    0.0,
    -0.0,
    1.0,
    0.1,
    1.5,
    -2.5,
    1e6,
    1e5,
    123456.0,
    1e21,
    1e20,
    1e-4,
    1e-5,
    5e-324,
    1.7e308,
    100.0,
    2.5e-320,
)
_MOST_TURNS: Final = 5


class Data:
    """Makes data from a source of randomness."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def any(self) -> Any:
        """Make data: for the most part an object that has the fields that templates ask for."""
        if self._random.random() < 0.15:
            value = self._value(2)
            # Nobody waits for the end of a loop over a large number.
            return min(value, _MOST_TURNS) if type(value) is int else value
        return {
            "s": self._string(),
            "i": self._integer(),
            "f": self._float(),
            "b": self._random.random() < 0.5,
            "n": None,
            "l": [self._value(1) for _ in range(self._random.randint(1, 4))],
            "m": {"x": self._value(1), "y": {"z": self._value(0)}, self._string(): 1},
            "e": "",
            "el": [],
            "em": {},
            "u": self._integer(),
            "ll": [[1, 2], ["a"], [], None],
            "é": self._value(1),
        }

    def _value(self, depth: int) -> Any:
        makers: list[Callable[[], Any]] = [self._string, self._integer, self._float, lambda: None, lambda: True]
        if depth > 0:
            makers += [
                lambda: [self._value(depth - 1) for _ in range(self._random.randint(0, 3))],
                lambda: {self._string(): self._value(depth - 1) for _ in range(self._random.randint(0, 3))},
            ]
        return self._random.choice(makers)()

    def _string(self) -> str:
        if self._random.random() < 0.3:
            return "".join(character(self._random) for _ in range(self._random.randint(1, 4)))
        return self._random.choice(_STRINGS)

    def _integer(self) -> int:
        if self._random.random() < 0.3:
            return self._random.getrandbits(self._random.randint(1, 63)) * self._random.choice((1, -1))
        return self._random.choice(_INTEGERS)

    def _float(self) -> float:
        chance = self._random.random()
        if chance < 0.3:
            return self._random.choice(_FLOATS)
        if chance < 0.6:
            return self._random.uniform(-1, 1) * 10.0 ** self._random.randint(-30, 30)
        if chance < 0.8:
            return round(self._random.uniform(-1, 1) * 10.0 ** self._random.randint(0, 8), self._random.randint(0, 6))
        (number,) = struct.unpack("<d", self._random.randbytes(8))
        return float(number) if math.isfinite(number) else 0.0
