"""Random constants: numbers, characters and strings in all spellings that Go has, and in some that it has not."""

from random import Random
from typing import Final

_EDGES: Final = (
    *("0", "1", "2", "3", "-1", "42", "0x1F", "0b101", "0o17", "017", "1_000", "1e3", "-0", "+0", "08", "0x", "."),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "18446744073709551615",
        "0xFFFFFFFFFFFFFFFF",
    ),
    *("1e1000", "1e-1000", "5e-324", "2.4703282292062327e-324", "1.7976931348623159e308", "0x1p-1074", "0x1p-1075"),
    *("-0xe", "+0xE1", "0xe+1", "1e20", "1e21", "100000.0", "1000000.0", "0x.8p1", "1_0.5_0", "0_7", "0x_1", "1__0"),
)
_DIGITS: Final = {"": "0123456789", "0x": "0123456789abcdefABCDEF", "0o": "01234567", "0b": "01", "0": "01234567"}
_ESCAPES: Final = (
    "\\n",
    "\\t",
    "\\a",
    "\\v",
    "\\\\",
    '\\"',
    "\\'",
    "\\x41",
    "\\xff",
    "\\101",
    "\\377",
    "\\u00e9",
    "\\U0001F600",
)
_WRONG_ESCAPES: Final = ("\\400", "\\ud800", "\\U00110000", "\\x4", "\\u12", "\\q", "\\8", "\\`")
_PLAIN: Final = (
    "a",
    "b",
    " ",
    "<&>",
    "%",
    "=",
    "0",
    "é",
    "日本",
    "\u200b",
    "\U0001f600",
    "\u0301",
    "{{",
    "}}",
    "\udcff",
    "'",
)


def _text(random: Random, most: int = 6) -> str:
    """Make a few characters, from anywhere in Unicode now and then."""
    pieces = [random.choice(_PLAIN) for _ in range(random.randint(0, most))]
    if random.random() < 0.2:
        pieces.append(character(random))
    return "".join(pieces)


def character(random: Random) -> str:
    """Make one character that is no surrogate."""
    point = random.choice((random.randrange(0x80), random.randrange(0xD800), random.randrange(0xE000, 0x110000)))
    return chr(point)


def string(random: Random) -> str:
    """Make a string constant."""
    if random.random() < 0.2:
        return "`" + _text(random).replace("`", "") + random.choice(("", "\n", "\r\n", "\\n")) + "`"
    pieces = [random.choice((*_PLAIN, *_ESCAPES)) for _ in range(random.randint(0, 5))]
    if random.random() < 0.03:
        pieces.append(random.choice(_WRONG_ESCAPES))
    return '"' + "".join(pieces) + '"'


def character_constant(random: Random) -> str:
    """Make a character constant."""
    return "'" + random.choice((*_PLAIN, *_ESCAPES, *_WRONG_ESCAPES, character(random))) + "'"


def number(random: Random) -> str:
    """Make a number."""
    chance = random.random()
    if chance < 0.5:
        return random.choice(_EDGES)
    if chance < 0.7:
        return _integer(random)
    if chance < 0.9:
        return _float(random)
    imaginary = random.choice((_float, _integer))(random).lstrip("+-") + "i"
    if random.random() < 0.5:
        return random.choice("+-") + imaginary
    return random.choice((_float, _integer))(random) + random.choice("+-") + imaginary


def _integer(random: Random) -> str:
    base = random.choice((*_DIGITS, "", "", "0X", "0B"))
    digits = _digits(random, _DIGITS[base.lower()], random.choice((1, 1, 2, 5, 19, 20, 64)))
    return random.choice(("", "", "", "-", "+")) + base + digits


def _float(random: Random) -> str:
    hexadecimal = random.random() < 0.3
    allowed = _DIGITS["0x" if hexadecimal else ""]
    whole, fraction = (_digits(random, allowed, random.choice((0, 1, 1, 3, 17, 30))) for _ in range(2))
    mantissa = whole + random.choice((".", ".", "")) + fraction
    letter = random.choice("pP" if hexadecimal else "eE")
    exponent = letter + random.choice(("", "+", "-")) + _digits(random, _DIGITS[""], random.choice((1, 1, 2, 3)))
    sign = random.choice(("", "", "-", "+"))
    return sign + ("0x" if hexadecimal else "") + mantissa + (exponent if hexadecimal or random.random() < 0.6 else "")


def _digits(random: Random, allowed: str, most: int) -> str:
    digits = "".join(random.choice(allowed) for _ in range(random.randint(min(most, 1), most)))
    if len(digits) > 2 and random.random() < 0.1:
        at = random.randrange(len(digits) + 1)
        return digits[:at] + "_" + digits[at:]
    return digits
