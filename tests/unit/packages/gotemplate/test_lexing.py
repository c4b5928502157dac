"""Delimiters, trim markers, comments and the tokens within actions."""

import pytest

from tests.support.gotemplates import EXEC, PARSE, outcome
from townos.packages.gotemplate import Stage


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", ""),
        ("text } with { braces }}", "text } with { braces }}"),
        ("a{{1}}b{{2}}c", "a1b2c"),
        ("{{\n1\t\r}}", "1"),
        ("{{'}'}}{{`}}`}}{{\"{{\"}}", "125}}{{"),
        ("{{", PARSE),
        ("{{1", PARSE),
        ("{{}}", PARSE),
        ("{{{1}}}", PARSE),
    ],
)
def test_actions_stand_between_braces(template: str, expected: str | Stage) -> None:
    assert outcome(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a \t\r\n{{- 1 -}}\n b", "a1b"),
        ("a\v{{- 1 -}}\u00a0b", "a\v1\u00a0b"),
        ("a {{-1}} b", "a -1 b"),
        ("a {{-\n1\n-}} b", "a1b"),
        ("{{1   -}} b", "1b"),
        (" {{- 1}}{{2 -}} ", "12"),
        ("{{1-}}", PARSE),
        ("{{- -}}", PARSE),
        ("{{.s-}}", PARSE),
    ],
)
def test_trim_markers_take_the_ascii_spaces_beside_them(template: str, expected: str | Stage) -> None:
    assert outcome(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a{{/* c */}}b", "ab"),
        ("a {{- /* }} \n */ -}} b", "ab"),
        ("a {{/* c */ -}} b", "a b"),
        ("{{ /* c */}}", PARSE),
        ("{{/* c */ }}", PARSE),
        ("{{/* c }}", PARSE),
        ("{{/* c */ 1}}", PARSE),
    ],
)
def test_a_comment_fills_its_action(template: str, expected: str | Stage) -> None:
    assert outcome(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{.é_1}}", "x"),
        ("{{.\u0663}}", "digit"),
        ("{{.\U00031350}}", "new letter"),
        ("{{.1a}}", PARSE),
        ("{{.a!}}", PARSE),
        ("{{.a=1}}", PARSE),
        ("{{.\u20ac}}", PARSE),
        (b"{{.\xff}}", PARSE),
        ("{{print(1)}}", PARSE),
        ("{{\u00a0}}", PARSE),
        ("{{@}}", PARSE),
        ("{{1:2}}", PARSE),
    ],
)
def test_names_are_of_the_letters_and_digits_that_go_knows(template: str | bytes, expected: str | Stage) -> None:
    assert outcome(template, {"é_1": "x", "\u0663": "digit", "\U00031350": "new letter"}) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{"a\\tb\\"\\\\\\x41\\u00e9\\101\\U0001F600"}}', 'a\tb"\\AéA😀'),
        ("{{`a\\n\r\nb`}}", "a\\n\nb"),
        (b'{{"\xff\xe2\x82"}}', "\ufffd\ufffd\ufffd"),
        (b"{{`\xff`}}", "\udcff"),
        ('{{"\\xff"}}', "\udcff"),
        ('{{"\\\'"}}', PARSE),
        ('{{"\\q"}}', PARSE),
        ('{{"\\400"}}', PARSE),
        ('{{"\\ud800"}}', PARSE),
        ('{{"a\nb"}}', PARSE),
        ('{{"a}}', PARSE),
        ("{{`a}}", PARSE),
    ],
)
def test_strings_are_quoted_as_in_go(template: str | bytes, expected: str | Stage) -> None:
    assert outcome(template) == expected


def test_text_keeps_bytes_that_are_no_characters() -> None:
    assert outcome(b"\xff\x00{{1}}\xfe") == "\udcff\x001\udcfe"


def test_functions_must_be_known_when_they_are_read() -> None:
    assert outcome("{{if false}}{{unknown}}{{end}}") == PARSE
    assert outcome("{{if false}}{{call 1}}{{end}}") == ""
    assert outcome("{{call 1}}") == EXEC
