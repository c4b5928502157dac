"""Amounts as people write them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.limits import QUANTITY_BYTES_MAX
from townos.quantities import format_duration, parse_bytes, parse_duration


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500GB", 500 * 1024**3),
        ("10mb", 10 * 1024**2),
        ("1 Tb", 1024**4),
        ("53687091200", 53_687_091_200),
        ("0", 0),
        ("", 0),
        ("  7 ", 7),
        ("007", 7),
        (str(QUANTITY_BYTES_MAX), QUANTITY_BYTES_MAX),
    ],
)
@pytest.mark.conformance("SET-03")
def test_bytes_are_read_with_or_without_a_unit(text: str, amount: int) -> None:
    assert parse_bytes(text) == amount


@pytest.mark.parametrize(
    "text", ["-1", "+1", "1.5GB", "GB", "1KB", "1B", "1GiB", "1e9", "0x10", "1  GB", "1\n", "١", "mb1"]
)
def test_anything_else_is_no_number_of_bytes(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_bytes(text)
    assert refused.value.code == "quantity.invalid_bytes"


@pytest.mark.parametrize("text", [str(QUANTITY_BYTES_MAX + 1), "8388608TB", "9" * 20])
def test_more_than_any_disk_holds_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_bytes(text)
    assert refused.value.code == "quantity.too_large"


def test_a_very_long_number_is_refused_without_reading_it() -> None:
    with pytest.raises(Invalid):
        parse_bytes("9" * 1_000_000)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("2m", 120), ("1H", 3_600), ("7 d", 604_800), ("3s", 3), ("", 0)]
)
def test_durations_are_read_with_or_without_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["-1s", "1.5h", "1w", "h", "1 min", "10 s 5"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_duration(text)
    assert refused.value.code == "quantity.invalid_duration"


@pytest.mark.parametrize(("seconds", "text"), [(120, "2m"), (90, "90s"), (604_800, "7d"), (0, "0")])
def test_durations_are_written_in_the_largest_unit_that_divides_them(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(0, 10**9))
def test_durations_are_read_back_as_they_were_written(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(0, 1000), st.sampled_from([("mb", 2), ("gb", 3), ("tb", 4)]), st.data())
def test_units_are_powers_of_1024_in_any_case(number: int, unit: tuple[str, int], data: st.DataObject) -> None:
    name, power = unit
    spelled = "".join(data.draw(st.sampled_from([letter, letter.upper()])) for letter in name)
    assert parse_bytes(f"{number}{spelled}") == number * 1024**power


@given(st.text())
def test_any_text_is_a_number_or_a_refusal(text: str) -> None:
    for parse in (parse_bytes, parse_duration):
        with suppress(Invalid):
            assert parse(text) >= 0
