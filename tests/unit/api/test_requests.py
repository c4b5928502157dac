"""Typed input: what is taken, what is refused, and how the refusal names the field."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.api.wire.requests import (
    Count,
    Integer,
    ListQuery,
    Name,
    Password,
    Request,
    Text,
    Url,
    decode_body,
    decode_query,
)
from townos.errors import Invalid, Malformed
from townos.limits import JSON_DEPTH_MAX


class Size(Request):
    name: Name = ""
    quota: Count = 0


class Everything(Request):
    name: Name = ""
    password: Password = ""
    url: Url = ""
    text: Text = ""
    flag: bool = False
    position: Integer = 0
    answers: dict[Name, Text] = msgspec.field(default_factory=dict)
    paths: list[Text] = msgspec.field(default_factory=list)
    filesystem: Size = msgspec.field(default_factory=Size)
    maybe: Name | msgspec.UnsetType = msgspec.UNSET


def refused(decode: Callable[[], object]) -> list[str] | None:
    """Return the fields that a refusal names; None if the input is taken."""
    try:
        decode()
    except Invalid as error:
        return [field.name for field in error.fields]
    return None


def wrong(body: bytes) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        decode_body(body, Everything)
    return {field.name: field.text() for field in caught.value.fields}


def test_missing_keys_are_zero_values_and_unknown_keys_are_ignored() -> None:
    assert decode_body(b'{"unknown": [1, {}], "name": "a"}', Everything) == Everything(name="a")


def test_a_repeated_key_counts_the_last_time() -> None:
    assert decode_body(b'{"name":"a","name":"b"}', Everything).name == "b"


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        (b'{"name":null}', "name", "expected text, got null"),
        (b'{"name":7}', "name", "expected text, got a whole number"),
        (b'{"flag":"yes"}', "flag", "expected true or false, got text"),
        (b'{"position":"1"}', "position", "expected a whole number, got text"),
        (b'{"position":1.5}', "position", "expected a whole number, got a number"),
        (b'{"filesystem":[]}', "filesystem", "expected an object, got a list"),
        (b'{"filesystem":{"quota":"1"}}', "filesystem.quota", "expected a whole number, got text"),
        (b'{"answers":{"port":8080}}', "answers.port", "expected text, got a whole number"),
        (b'{"paths":["a",null]}', "paths[1]", "expected text, got null"),
        (b'{"maybe":null}', "maybe", "expected text, got null"),
        (b"[]", "body", "expected an object, got a list"),
        (b"null", "body", "expected an object, got null"),
        (b'{"name":"a\\nb"}', "name", "control characters are not allowed"),
        (b'{"name":"a\\n"}', "name", "control characters are not allowed"),
        (b'{"name":"\\u0000"}', "name", "control characters are not allowed"),
        (b'{"name":"\\u0085"}', "name", "control characters are not allowed"),
        (b'{"answers":{"a\\tb":"x"}}', "answers.a\tb", "control characters are not allowed"),
        (b'{"position":99999999999999999999}', "position", "must be at most 9223372036854775807"),
        (b'{"filesystem":{"quota":-1}}', "filesystem.quota", "must be at least 0"),
    ],
)
def test_a_wrong_field_is_named(body: bytes, field: str, text: str) -> None:
    assert wrong(body) == {field: text}


@pytest.mark.parametrize(("field", "limit"), [("name", 128), ("password", 1_024), ("url", 2_048), ("text", 65_536)])
def test_texts_have_limits(field: str, limit: int) -> None:
    assert getattr(decode_body(msgspec.json.encode({field: "x" * limit}), Everything), field) == "x" * limit
    assert wrong(msgspec.json.encode({field: "x" * (limit + 1)})) == {field: f"longer than {limit} characters"}


def test_all_wrong_fields_are_told_together() -> None:
    faults = wrong(b'{"name":null,"flag":1,"filesystem":{"name":0,"quota":null},"paths":[1,"a",2],"answers":{"a":1}}')
    assert set(faults) == {"name", "flag", "filesystem.name", "filesystem.quota", "paths[0]", "paths[2]", "answers.a"}


@pytest.mark.parametrize(
    "body",
    [b"{", b"}", b"nul", b"x {}", b'{"name":"a"', b'{"name":"\xff"}', b'{"name":"\\ud800"}', b'{"name":"a\nb"}',
     b"[" * 100_000, b'{"x":' * 100_000, b'{"name":1, oops}'],
)  # fmt: skip
def test_a_body_that_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode_body(body, Everything)
    assert [field.name for field in caught.value.fields] == ["body"]


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t"])
def test_an_empty_body_is_an_empty_object(body: bytes) -> None:
    assert decode_body(body, Everything) == Everything()


@pytest.mark.parametrize("rest", [b" x", b"{}", b'{"name":"b"}', b"\n]", b"\xff", b"\x00", b"[" * 10_000])
def test_only_the_first_value_of_a_query_key_is_read(rest: bytes) -> None:
    assert decode_body(b' {"name":"\xc3\xa4"}' + rest, Everything) == Everything(name="ä")


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"NAME":"a"}', Everything(name="a")),
        (b'{"Name":"a","nAME":"b"}', Everything(name="b")),
        (b'{"name":"a","NAME":"b"}', Everything(name="a")),
        (b'{"NAME":"b","name":"a"}', Everything(name="a")),
        (b'{"FileSystem":{"QUOTA":7}}', Everything(filesystem=Size(quota=7))),
        (b'{"Answers":{"Port":"1","port":"2"}}', Everything(answers={"Port": "1", "port": "2"})),
    ],
)
def test_the_case_of_a_key_does_not_count_unless_one_is_exact(body: bytes, read: Everything) -> None:
    assert decode_body(body, Everything) == read


def test_a_wrong_field_is_named_as_the_api_calls_it() -> None:
    assert set(wrong(b'{"NAME":7,"Filesystem":{"Quota":-1}}')) == {"name", "filesystem.quota"}


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"x":', b"}"), (b'[{"x":', b"}]")])
def test_a_body_is_nested_to_a_limit(opening: bytes, closing: bytes) -> None:
    times = (JSON_DEPTH_MAX - 1) // (len(closing))
    fits = b'{"other":' + opening * times + b"1" + closing * times + b"}"
    assert decode_body(fits, Everything) == Everything()
    for more in (times + 1, 500, 100_000):
        with pytest.raises(Malformed, match=f"deeper than {JSON_DEPTH_MAX} levels"):
            decode_body(b'{"other":' + opening * more + b"1" + closing * more + b"}", Everything)


def test_brackets_beside_or_within_texts_are_no_depth() -> None:
    text = '[{"' * 1_000
    body = msgspec.json.encode({"text": text, "other": [[[]], {}] * 1_000})
    assert decode_body(body, Everything) == Everything(text=text)


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(body: bytes) -> None:
    with suppress(Malformed):
        assert refused(partial(decode_body, body, Everything)) != []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([field.name for field in msgspec.structs.fields(Everything)]), json_values))
def test_any_json_is_taken_or_refused_with_a_field_that_was_sent(document: dict[str, object]) -> None:
    named = refused(partial(decode_body, msgspec.json.encode(document), Everything))
    assert named != []
    assert named is None or all(any(path.startswith(name) for name in document) for path in named)


class Tail(ListQuery):
    unit: Text = ""
    lines: Integer = 100
    wanted: Annotated[str, msgspec.Meta(max_length=3)] = ""


def test_queries_are_decoded_by_type() -> None:
    query = decode_query(b"unit=a%2Fb+c&lines=7&search=%C3%A4&unit=second&unknown=1&limit=5&offset=", Tail)
    assert (query.unit, query.lines, query.search, query.limit, query.offset) == ("a/b c", 7, "ä", 5, 0)


@pytest.mark.parametrize("text", ["x", "1.5", "1e3", "", "٣", "9" * 30, "--1", "0x10"])
def test_a_limit_that_is_no_number_counts_as_0(text: str) -> None:
    query = decode_query(f"limit={text}&offset={text}".encode(), ListQuery)
    assert (query.limit, query.offset) == (0, 0)


def test_a_negative_limit_reaches_the_handler() -> None:
    assert decode_query(b"limit=-3&offset=%2B4", ListQuery) == ListQuery(limit=-3, offset=4)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "field"),
    [(b"lines=x", "lines"), (b"search=%00", "search"), (b"unit=%0a", "unit"), (b"wanted=long", "wanted")],
)
def test_a_wrong_parameter_is_named(query: bytes, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_query(query, Tail)
    assert [fault.name for fault in caught.value.fields] == [field]


@given(st.binary(max_size=100))
def test_any_query_is_taken_or_refused(query: bytes) -> None:
    assert refused(partial(decode_query, query, Tail)) != []
