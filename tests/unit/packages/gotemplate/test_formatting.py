"""What formatting may use. What it gives is in the recorded cases."""

import tracemalloc
from collections.abc import Callable

import pytest

from tests.support.gotemplates import unlimited
from townos.packages.gotemplate import Limit, LimitExceeded
from townos.packages.gotemplate.formatting import Buffer, fprint, fprintf, fprintln, print_value
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Value

ONE = Number(Kind.INT, 1)
HALF = Number(Kind.FLOAT64, 0.5)


def room(size: int, step: Callable[[], None] = unlimited) -> Buffer:
    return Buffer(size, Limit.TEXT, step)


def sprintf(form: bytes, values: list[Value], *, limit: int) -> bytes:
    buffer = room(limit)
    fprintf(buffer, form, values)
    return buffer.written()


@pytest.mark.parametrize(
    ("form", "values", "result"),
    [
        (b"%5d", [ONE], b"    1"),
        (b"%.3s", [b"abc"], b"abc"),
        (b"%.9g", [HALF], b"0.5"),
        (b"%q", [b"a"], b'"a"'),
        (b"%d", [], b"%!d(MISSING)"),
        (b"", [ONE], b"%!(EXTRA int=1)"),
    ],
)
def test_a_result_may_be_as_long_as_the_limit_and_no_longer(form: bytes, values: list[Value], result: bytes) -> None:
    assert sprintf(form, values, limit=len(result)) == result
    with pytest.raises(LimitExceeded):
        sprintf(form, values, limit=len(result) - 1)


@pytest.mark.parametrize("form", [b"%10000009d", b"%.10000009d", b"%-10000009s", b"%10000009T", b"%.10000009x"])
@pytest.mark.parametrize("value", [ONE, Slice.of([ONE])])
def test_no_directive_fills_memory_beyond_the_limit(form: bytes, value: Value) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(LimitExceeded):
            sprintf(form, [value] * 2, limit=1000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("form", "value", "result"),
    [
        (b"%.10000009g", HALF, b"0.5"),
        (b"%.10000009d", HALF, b"%!d(float64=0.5)"),
        (b"%.10000009s", b"a", b"a"),
        (b"%.10000009c", ONE, b"\x01"),
    ],
)
def test_a_precision_that_gives_no_digits_needs_no_room(form: bytes, value: Value, result: bytes) -> None:
    assert sprintf(form, [value], limit=20) == result


def test_every_written_byte_counts_towards_the_limit() -> None:
    values: list[Value] = [Slice.of([ONE] * 100), Map({b"a": None})]
    for write in (fprint, fprintln):
        with pytest.raises(LimitExceeded):
            write(room(100), values)


def test_values_nest_to_any_depth() -> None:
    value: Value = None
    for _ in range(100_000):
        value = Slice.of([value])
    buffer = room(1 << 20)
    print_value(buffer, value, "v")
    assert buffer.written() == b"[" * 100_000 + b"<nil>" + b"]" * 100_000


class Ended(Exception):
    """What ends a run from outside."""


@pytest.mark.parametrize("form", [b"%d" * 1000, b"%[" * 1000, b"%*" * 1000, b"%%" * 1000, b"%v"])
def test_formatting_can_be_ended_from_outside(form: bytes) -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 100:
            raise Ended

    with pytest.raises(Ended):
        fprintf(room(1 << 20, step), form, [Slice.of([ONE] * 1000)])
