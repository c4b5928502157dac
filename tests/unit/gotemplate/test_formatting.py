"""What formatting may use. What it gives is in the recorded cases."""

import tracemalloc

import pytest

from townos.packages.gotemplate import Limit, LimitExceeded
from townos.packages.gotemplate.formatting import printed, sprint, sprintf, sprintln
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Value

ONE = Number(Kind.INT, 1)
HALF = Number(Kind.FLOAT64, 0.5)


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
@pytest.mark.parametrize("value", [ONE, Slice([ONE])])
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


def test_each_kind_of_result_has_its_limit() -> None:
    values: list[Value] = [Slice([ONE] * 100), Map({b"a": None})]
    for call in (sprint, sprintln):
        with pytest.raises(LimitExceeded) as raised:
            call(values, limit=100)
        assert raised.value.limit is Limit.TEXT
    with pytest.raises(LimitExceeded) as raised:
        printed(values[0], limit=100)
    assert raised.value.limit is Limit.OUTPUT


def test_values_are_within_one_another_to_any_depth() -> None:
    value: Value = None
    for _ in range(100_000):
        value = Slice([value])
    assert printed(value) == b"[" * 100_000 + b"<nil>" + b"]" * 100_000
