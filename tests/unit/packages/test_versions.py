"""Which version is newer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.packages.versions import compare, version_key

NUMERIC = st.lists(st.integers(0, 10**6), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.9", "1.10"), ("1", "1.0"), ("1.0", "2"), ("1.0", "1.0.1"), ("0.9", "1"), ("1.a", "1.b"), ("1.0", "1.0-rc1")],
)
def test_segments_compare_as_numbers_where_both_are(older: str, newer: str) -> None:
    assert compare(older, newer) < 0 < compare(newer, older)


def test_leading_zeros_do_not_matter() -> None:
    assert compare("1.01", "1.1") == 0


@given(NUMERIC, NUMERIC, NUMERIC)
def test_numeric_versions_have_one_order(a: str, b: str, c: str) -> None:
    assert (compare(a, b) > 0) == (compare(b, a) < 0)
    assert (
        sorted([a, b, c], key=version_key) == sorted([c, b, a], key=version_key) or compare(a, b) * compare(b, c) == 0
    )


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_two_texts_compare_and_the_order_can_be_turned_round(left: str, right: str) -> None:
    assert (compare(left, right) > 0) == (compare(right, left) < 0)
