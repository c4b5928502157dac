"""Markers and the values that take their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.limits import MANIFEST_ENTRIES_MAX, MANIFEST_MAX_BYTES
from townos.packages.substitution import substitute, substitute_note

NAMES = st.from_regex(r"[a-zA-Z0-9]{1,6}", fullmatch=True)
VALUES = st.dictionaries(NAMES, st.text(max_size=10), max_size=4)


@pytest.mark.conformance("SUB-01")
def test_a_marker_becomes_the_answer() -> None:
    assert substitute("http://@host@:@port@/", {"host": "town", "port": "80"}) == "http://town:80/"


def test_an_unknown_placeholder_stays_and_does_not_hide_a_known_one() -> None:
    assert substitute("@x@port@", {"port": "80"}) == "@x80"


@pytest.mark.conformance("HOLE-01")
def test_an_answer_brings_no_markers_of_its_own() -> None:
    assert substitute("@a@ @b@", {"a": "@b@", "b": "secret"}) == "@b@ secret"


@given(st.text(max_size=30), VALUES)
def test_text_without_markers_stays(text: str, values: dict[str, str]) -> None:
    plain = text.replace("@", "")
    assert substitute(plain, values) == plain


@given(st.lists(st.one_of(st.text(max_size=5).map(lambda text: text.replace("@", "")), NAMES), max_size=6), VALUES)
def test_every_known_placeholder_is_replaced_once(parts: list[str], values: dict[str, str]) -> None:
    text = "".join(f"{part}|@{name}@" for part, name in zip(parts, values, strict=False))
    expected = "".join(f"{part}|{values[name]}" for part, name in zip(parts, values, strict=False))
    assert substitute(text, values) == expected


@pytest.mark.conformance("SUB-06")
@pytest.mark.parametrize("text", ["ssh://git@@domain@:@sshport@", "ssh://git@@@domain@:@sshport@"])
def test_two_at_signs_before_a_placeholder_are_a_literal_one_in_notes(text: str) -> None:
    assert substitute_note(text, {"domain": "host", "sshport": "2222"}) == "ssh://git@host:2222"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a@@b", "a@b"), ("@@", "@"), ("me@example.org", "me@example.org"), ("@@x@y@", "@x7"), ("@y@@y@", "77")],
)
def test_other_at_signs_in_notes(text: str, expected: str) -> None:
    assert substitute_note(text, {"y": "7"}) == expected


def test_two_at_signs_are_one_without_answers() -> None:
    assert substitute_note("a@@b@c@", {}) == "a@b@c@"


# Names tried one after the other at each sign would need a minute for this: the limit tells that apart, not the speed.
@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["@", "@a", "@@a", pytest.param("@@@", marks=pytest.mark.slow), "@n999x@"])
def test_substitution_takes_linear_time(piece: str) -> None:
    text = piece * (MANIFEST_MAX_BYTES // len(piece))
    values = {f"n{number}": "" for number in range(MANIFEST_ENTRIES_MAX)}
    assert substitute(text, values) == text
    assert "@" in substitute_note(text, values)
