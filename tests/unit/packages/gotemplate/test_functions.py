"""The built-in functions, but for how they format."""

import pytest

from tests.support.gotemplates import EXEC, outcome
from townos.packages.gotemplate import Stage

DATA = {
    "s": "hello",
    "u": "héé",
    "n": None,
    "i": 1,
    "f": 1.5,
    "list": [1, "a", None, [2, 3], {"k": "v"}],
    "map": {"b": 1, "a": {"x": "y"}, "n": None},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("and 1 0 2", "0"),
        ("and 1 2", "2"),
        ("or 0 .n 3 4", "3"),
        ('or 0 ""', ""),
        ("and 0 (index 1 2)", "0"),
        ("or 1 (call .s)", "1"),
        ("or 0 (index 1 2)", EXEC),
        ("0 | or 1", "1"),
        ("2 | and 1", "2"),
        (".missing | or .n", "<no value>"),
        ("and", EXEC),
        ("(or .n .map).b", "1"),
        ("not .n", "true"),
        ("not nil", "true"),
        ("not 1", "false"),
        ("not", EXEC),
        ("not 1 2", EXEC),
    ],
)
def test_and_and_or_stop_at_the_deciding_argument(expression: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{expression}}}}}", DATA) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("index .list 3 1", "3"),
        ('index .list 4 "k"', "v"),
        ('index .map "a" "x"', "y"),
        ('index .map "unknown"', "<no value>"),
        ('index .map "unknown" "x"', EXEC),
        ("index .s 1", "101"),
        ('printf "%T" (index .s 1)', "uint8"),
        ("index .u 2", "169"),
        ('index .list (index "\\x01" 0)', "a"),
        ("index .list .i", "a"),
        ("index .list", "[1 a <nil> [2 3] map[k:v]]"),
        ("index 1", "1"),
        ("index .list 5", EXEC),
        ("index .s 5", EXEC),
        ("index .list -1", EXEC),
        ("index .list 1.0", EXEC),
        ('index .list "0"', EXEC),
        ("index .list nil", EXEC),
        ("index .map 1", EXEC),
        ("index .map nil", EXEC),
        ("index .n", EXEC),
        ("index nil", EXEC),
        ("index 1 2", EXEC),
        ("index", EXEC),
    ],
)
def test_index_takes_elements_bytes_and_entries(expression: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{expression}}}}}", DATA) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("slice .s", "hello"),
        ("slice .s 1", "ello"),
        ("slice .s 1 3", "el"),
        ("slice .s 5", ""),
        ("slice .u 1 3", "é"),
        ("slice .list 3", "[[2 3] map[k:v]]"),
        ("slice .list 0 1 2", "[1]"),
        ("slice (slice .list 0 1) 0 2", "[1 a]"),
        ("slice (slice .list 0 1 2) 0 2", "[1 a]"),
        ("slice (slice .list 0 1 2) 0 3", EXEC),
        ("slice (slice .list 0 1) 2", EXEC),
        ("slice .s 6", EXEC),
        ("slice .s 2 1", EXEC),
        ("slice .s 0 1 2", EXEC),
        ("slice .list 0 2 1", EXEC),
        ("slice .list 0 6", EXEC),
        ("slice .list 0 1 2 3", EXEC),
        ("slice .map 1", EXEC),
        ("slice nil", EXEC),
    ],
)
def test_slice_cuts_within_the_capacity(expression: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{expression}}}}}", DATA) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{slice .s .i}}", EXEC),
        ("{{slice .s (.i)}}", "ello"),
        ("{{$i := .i}}{{slice .s $i}}", "ello"),
        ("{{range slice .list 0 1}}{{slice $.s .}}{{end}}", EXEC),
        ("{{range $i, $v := slice .list 0 1}}{{slice $.s $i}}{{end}}", "hello"),
        ("{{range 1}}{{slice $.s .}}{{end}}", "hello"),
        ("{{with .i}}{{slice $.s .}}{{end}}", "ello"),
    ],
)
def test_slice_takes_no_index_that_lies_in_an_interface(template: str, expected: str | Stage) -> None:
    assert outcome(template, DATA) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("len .u", "5"),
        ("len .list", "5"),
        ("len .map", "3"),
        ("len 3", EXEC),
        ("len .n", EXEC),
        ("len .missing", EXEC),
        ("len nil", EXEC),
        ("len", EXEC),
        ("len .s .s", EXEC),
    ],
)
def test_len_counts_bytes_elements_and_entries(expression: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{expression}}}}}", DATA) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("eq 1 1", "true"),
        ("eq 1 2 3 1", "true"),
        ('eq 1 1 "a"', "true"),
        ('eq 1 2 "a"', EXEC),
        ("eq 1 1.0", EXEC),
        ("eq 1.5 .f", "true"),
        ("eq 1i 1i", "true"),
        ("eq true false", "false"),
        ("eq 104 (index .s 0)", "true"),
        ("lt -1 (index .s 0)", "true"),
        ("eq 104.0 (index .s 0)", EXEC),
        ("eq nil .n .missing", "true"),
        ("eq 1 nil", "false"),
        ("eq nil 1", "false"),
        ("eq .map nil", "false"),
        ("eq .map .map", EXEC),
        ("eq .list .list", EXEC),
        ("eq .list .map", EXEC),
        ("eq 1", EXEC),
        ("ne 1 2", "true"),
        ("ne 1 2 3", EXEC),
        ('lt "a" "b"', "true"),
        ("lt 1.0 2.0", "true"),
        ("le 1 1", "true"),
        ("gt 1 1", "false"),
        ("ge 1 1", "true"),
        ("lt 1 2.0", EXEC),
        ("lt true false", EXEC),
        ("le 1i 1i", EXEC),
        ("lt nil 1", EXEC),
        ("lt 1 nil", EXEC),
        ("1 | gt 2", "true"),
    ],
)
def test_only_values_of_like_types_compare(expression: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{expression}}}}}", DATA) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('printf "%s" .s', "hello"),
        ('"%d" | printf "%s"', "%d"),
        ("printf .s", "hello"),
        ("printf 1", EXEC),
        ("printf nil", EXEC),
        ("printf", EXEC),
        ("call .s", EXEC),
        ("call nil", EXEC),
        ('html "<" nil', "&lt;&lt;no value&gt;"),
        ("html", ""),
        ('js "\'"', "\\'"),
        ('urlquery "a b" "&"', "a+b%26"),
        ("print print", ""),
        ("print len", EXEC),
    ],
)
def test_functions_refuse_arguments_of_another_type(expression: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{expression}}}}}", DATA) == expected
