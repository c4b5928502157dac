"""Values by a verb: the part of formatting that knows which verb suits which type."""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from townos.packages.gotemplate.formatting import floats, integers, text
from townos.packages.gotemplate.formatting.buffer import Buffer
from townos.packages.gotemplate.formatting.flags import DEFAULT, Flags
from townos.packages.gotemplate.results import type_name
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Struct, Value

_Composite = Slice | Map | Struct
_Basic = bool | bytes | Number

_NIL: Final = b"<nil>"
_GO_NIL: Final = b"interface {}(nil)"
_ADDRESS: Final = 0xC000010000
"""What `%p` shows of a list or map. In Go it is another number with every run."""
_PADDED_TO_PRECISION: Final = integers.VERBS | {"U", "v"}


class _End(Enum):
    END = auto()


def print_value(buffer: Buffer, value: Value, verb: str, flags: Flags = DEFAULT) -> None:
    """Write a value by a verb, or else what is wrong with the verb. Raises `LimitExceeded`."""
    if verb == "T" and value is not None:
        _write_basic(buffer, type_name(value).encode(), "s", flags)
    elif value is None:
        buffer.reserve(flags.width or 0)
        buffer.write(text.plain(_NIL, replace(flags, precision=None)) if verb in "Tv" else _bad(verb, _NIL))
    elif not isinstance(value, _Composite):
        _write_basic(buffer, value, verb, flags)
    elif verb == "p" and not isinstance(value, Struct):
        # A `#` takes the 0x away, other than everywhere else.
        _write_basic(buffer, Number(Kind.UINT8, _ADDRESS), "x", replace(flags, sharp=not flags.sharp))
    elif verb in "pw":
        buffer.write(_bad(verb, type_name(value).encode() + b"=")[:-1])
        _write_composite(buffer, value, "v", flags)
        buffer.write(b")")
    else:
        _write_composite(buffer, value, verb, flags)


def write_typed(buffer: Buffer, value: Value) -> None:
    """Write a value behind its type, as messages show it."""
    if value is not None:
        buffer.write(type_name(value).encode() + b"=")
    print_value(buffer, value, "v")


def _write_composite(buffer: Buffer, value: _Composite, verb: str, flags: Flags) -> None:
    """Write a value that has others within it, to any depth."""
    unfinished = [_members(value, flags)]
    while unfinished:
        before, member = next(unfinished[-1])
        buffer.write(before)
        if isinstance(member, _End):
            unfinished.pop()
        elif isinstance(member, _Composite):
            unfinished.append(_members(member, flags))
        elif member is None:
            buffer.write(_GO_NIL if flags.go_syntax else _NIL)
        else:
            _write_basic(buffer, member, verb, flags)


def _members(value: _Composite, flags: Flags) -> Iterator[tuple[bytes, Value | _End]]:
    """Give each member with what stands before it, and at last what stands behind them all."""
    opening, closing = _brackets(value, flags)
    separator = b", " if flags.go_syntax else b" "
    before = opening
    match value:
        case Slice():
            for element in value:
                yield before, element
                before = separator
        case Map():
            for key in sorted(value.entries):
                yield before, key
                yield b":", value.entries[key]
                before = separator
        case Struct():
            for name, field in value.fields.items():
                yield before + (f"{name}:".encode() if flags.with_names or flags.go_syntax else b""), field
                before = separator
    yield (opening if before is opening else b"") + closing, _End.END


def _brackets(value: _Composite, flags: Flags) -> tuple[bytes, bytes]:
    if flags.go_syntax:
        return type_name(value).encode() + b"{", b"}"
    match value:
        case Slice():
            return b"[", b"]"
        case Map():
            return b"map[", b"]"
    return b"{", b"}"


def _write_basic(buffer: Buffer, value: _Basic, verb: str, flags: Flags) -> None:
    buffer.reserve(flags.width or 0)
    if isinstance(value, Number):
        if verb in (_PADDED_TO_PRECISION if isinstance(value.value, int) else floats.PADDED_TO_PRECISION):
            buffer.reserve(flags.precision or 0)
        shown = _number(value, verb, flags)
    else:
        shown = _string(value, verb, flags) if isinstance(value, bytes) else _bool(value, verb, flags)
    if shown is None:
        buffer.write(_bad(verb, type_name(value).encode() + b"=")[:-1])
        _write_basic(buffer, value, "v", flags)
        buffer.write(b")")
    else:
        buffer.write(shown)


def _bad(verb: str, value: bytes) -> bytes:
    return b"%!" + verb.encode() + b"(" + value + b")"


def _bool(value: bool, verb: str, flags: Flags) -> bytes | None:
    if verb not in "tv":
        return None
    return text.plain(b"true" if value else b"false", replace(flags, precision=None))


def _string(value: bytes, verb: str, flags: Flags) -> bytes | None:
    if verb == "q" or (verb == "v" and flags.go_syntax):
        return text.quoted(value, flags)
    if verb in "sv":
        return text.plain(value, flags)
    if verb in "xX":
        return text.hexadecimal(value, flags, upper=verb == "X")
    return None


def _number(number: Number, verb: str, flags: Flags) -> bytes | None:
    if isinstance(number.value, int):
        return _integer(number.value, verb, flags, signed=number.kind is not Kind.UINT8)
    verb = "g" if verb == "v" else verb
    if verb not in floats.VERBS:
        return None
    if isinstance(number.value, complex):
        return floats.complex_number(number.value, verb, flags).encode()
    return floats.real(number.value, verb, flags).encode()


def _integer(value: int, verb: str, flags: Flags, *, signed: bool) -> bytes | None:
    if verb == "v":
        if not signed and flags.go_syntax:
            return integers.in_base(value, "x", replace(flags, sharp=True)).encode()
        verb = "d"
    if verb in integers.VERBS:
        return integers.in_base(value, verb, flags).encode()
    if verb == "c":
        return text.plain(text.character(value).encode(), replace(flags, precision=None))
    if verb == "q":
        return text.quoted_character(value, flags)
    return integers.code_point(value, flags).encode() if verb == "U" else None
