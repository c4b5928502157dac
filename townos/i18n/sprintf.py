"""The verbs of Go's `fmt.Sprintf` that messages use: `%s %d %v %q %%`, with Go's marks for a wrong argument.

One leniency: `%s` takes numbers too, so that a text need not know whether a limit is `5` or `"5"`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

_VERB: Final = re.compile(r"%(.)|%\Z", re.DOTALL)
_NAMED_ESCAPES: Final = {
    "\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v", "\\": r"\\", '"': r"\"",
}  # fmt: skip


def sprintf(template: str, args: Sequence[object]) -> str:
    """Fill `args` into `template`. Like Go, it never fails: a mistake shows in the text (`%!d(string=x)`)."""
    pending = iter(args)
    used = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal used
        verb = match[1]
        if verb == "%":
            return "%"
        if verb is None:
            return "%!(NOVERB)"
        if used == len(args):
            return f"%!{verb}(MISSING)"
        used += 1
        return _formatted(verb, next(pending))

    text = _VERB.sub(fill, template)
    extra = ", ".join(f"{_go_type(arg)}={_value(arg)}" for arg in pending)
    return f"{text}%!(EXTRA {extra})" if extra else text


def quote(text: str) -> str:
    """Return `text` as a Go string literal in double quotes, as `strconv.Quote` does."""
    return f'"{"".join(_escaped(character) for character in text)}"'


def _formatted(verb: str, arg: object) -> str:
    if verb in "sv":
        return _value(arg)
    if verb == "q" and isinstance(arg, str | Exception):
        return quote(str(arg))
    if verb == "d" and isinstance(arg, int) and not isinstance(arg, bool):
        return str(arg)
    return f"%!{verb}({_go_type(arg)}={_value(arg)})"


def _value(arg: object) -> str:
    match arg:
        case None:
            return "<nil>"
        case bool():
            return "true" if arg else "false"
        case list() | tuple():
            return f"[{' '.join(map(_value, arg))}]"
        case Mapping():
            return f"map[{' '.join(f'{_value(key)}:{_value(arg[key])}' for key in sorted(arg))}]"
        case _:
            return str(arg)


def _go_type(arg: object) -> str:
    names: tuple[tuple[type, str], ...] = ((bool, "bool"), (int, "int"), (float, "float64"), (str, "string"))
    return next((name for kind, name in names if isinstance(arg, kind)), type(arg).__name__)


def _escaped(character: str) -> str:
    if named := _NAMED_ESCAPES.get(character):
        return named
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
