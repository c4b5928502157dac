"""JSON as Go's values."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.gotemplates import AMPLE, EXEC, outcome, unlimited
from townos.packages.gotemplate import TemplateInvalid, from_json, parse
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Struct, Value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", None),
        ("true", True),
        ('"é\\u0000"', b"\xc3\xa9\x00"),
        ('"\\ud83d\\ude00 \\ud800"', "😀 \ufffd".encode()),
        ("1", Number(Kind.INT, 1)),
        ("-0", Number(Kind.INT, 0)),
        ("1.0", Number(Kind.FLOAT64, 1.0)),
        ("1e3", Number(Kind.FLOAT64, 1000.0)),
        ("9223372036854775807", Number(Kind.INT, 2**63 - 1)),
        ("9223372036854775808", Number(Kind.FLOAT64, 2.0**63)),
        ("[]", Slice.of([])),
        ('{"a": [1, null]}', Map({b"a": Slice.of([Number(Kind.INT, 1), None])})),
    ],
)
def test_json_has_an_integer_where_it_fits_an_int(text: str, expected: Value) -> None:
    assert from_json(json.loads(text)) == expected


@pytest.mark.parametrize("value", [math.inf, math.nan, 10**400, {1, 2}, b"bytes"])
def test_values_that_json_does_not_have_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="JSON"):
        from_json(value)


def test_json_may_be_nested_to_any_depth() -> None:
    nested: list[object] = []
    for _ in range(20_000):
        nested = [nested]
    assert isinstance(from_json(nested), Slice)


KEYS = st.from_regex(r"[a-z]{1,5}", fullmatch=True)


@given(st.dictionaries(KEYS, st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8), min_size=1))
def test_every_entry_is_found_under_its_key(entries: dict[str, int | str]) -> None:
    for key, value in entries.items():
        assert outcome(f"{{{{.entries.{key}}}}}", {"entries": entries}) == str(value)


def test_a_struct_has_only_the_fields_of_its_definition() -> None:
    package = Struct("Package", {"Name": b"nginx", "Tags": Slice.of([])})
    assert _with(package, "{{.P.Name}}{{with .P}}{{.Name}}{{end}}") == "nginxnginx"
    assert _with(package, "{{.P}}{{if .P}}!{{end}}") == "{nginx []}!"
    assert _with(package, "{{.P.name}}") == EXEC
    assert _with(package, "{{.P.Unknown}}") == EXEC
    assert _with(package, "{{.P.Name 1}}") == EXEC
    assert _with(package, '{{index .P "Name"}}') == EXEC
    assert _with(package, "{{eq .P .P}}") == EXEC
    assert _with(package, "{{range .P}}{{end}}") == EXEC


def test_structs_of_plain_fields_compare() -> None:
    first, second = Struct("System", {"Host": b"a"}), Struct("System", {"Host": b"b"})
    assert _with(first, "{{eq .P .P}}") == "true"
    assert parse("{{eq (index . 0) (index . 1)}}").execute(Slice.of([first, second]), AMPLE, unlimited) == b"false"


def _with(value: Value, template: str) -> str:
    try:
        return parse(template).execute(Map({b"P": value}), AMPLE, unlimited).decode()
    except TemplateInvalid as error:
        return error.stage
