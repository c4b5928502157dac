"""Numbers and characters as they are written."""

import pytest

from tests.support.gotemplates import EXEC, PARSE, outcome
from townos.packages.gotemplate import Stage


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("+7", "7"),
        ("017", "15"),
        ("0o17", "15"),
        ("0B101", "5"),
        ("0xBadFace", "195951310"),
        ("1_000", "1000"),
        ("0x_ff", "255"),
        ("0_7", "7"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("089", PARSE),
        ("1__0", PARSE),
        ("1_", PARSE),
        ("0x", PARSE),
        ("0b2", PARSE),
        ("18446744073709551616", PARSE),
        ("-9223372036854775809", PARSE),
        ("1" + "0" * 5000, PARSE),
        ("12a", PARSE),
    ],
)
def test_integers_have_any_base(number: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{number}}}}}") == expected


@pytest.mark.parametrize("number", ["9223372036854775808", "18446744073709551615", "0xFFFFFFFFFFFFFFFF"])
def test_an_integer_that_only_an_unsigned_type_holds_fails_when_it_is_used(number: str) -> None:
    assert outcome(f"{{{{{number}}}}}") == EXEC
    assert outcome(f"{{{{if false}}}}{{{{{number}}}}}{{{{end}}}}") == ""


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("2.", "2"),
        ("08.5", "8.5"),
        ("1e3", "1000"),
        ("1E-2", "0.01"),
        ("1_0.2_5", "10.25"),
        ("0x1p4", "16"),
        ("0X.8P1", "1"),
        ("1e-999", "0"),
        ("0x1p-99999999999999999999", "0"),
        ("0e99999999999999999999", "0"),
        ("1e999", PARSE),
        ("0x1p99999", PARSE),
        ("0x1.8", PARSE),
        ("1_.5", PARSE),
        ("1e_1", PARSE),
        ("1.2.3", PARSE),
        ("1e", PARSE),
        ("+", PARSE),
    ],
)
def test_floating_point_numbers_are_decimal_or_hexadecimal(number: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{number}}}}}") == expected


@pytest.mark.parametrize(
    ("number", "expected"), [("0xe", "int"), ("1e0", "float64"), ("-0xe", "float64"), ("-14", "int")]
)
def test_the_e_of_a_signed_hexadecimal_number_makes_it_a_float(number: str, expected: str) -> None:
    assert outcome(f'{{{{printf "%T" {number}}}}}') == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("2i", "(0+2i)"),
        ("1.5i", "(0+1.5i)"),
        ("0x1p4i", "(0+16i)"),
        ("1_0i", "(0+10i)"),
        ("1e+2i", "(0+100i)"),
        ("1+2i", "(1+2i)"),
        ("-1-2i", "(-1-2i)"),
        ("0x1p4+1e1i", "(16+10i)"),
        ("1+2", PARSE),
        ("1+i", PARSE),
        ("1i+2i", PARSE),
        ("0b1i", PARSE),
        ("0x1i", PARSE),
        ("0b1+2i", PARSE),
        ("1e999i", PARSE),
    ],
)
def test_complex_numbers_end_in_i(number: str, expected: str | Stage) -> None:
    assert outcome(f"{{{{{number}}}}}") == expected


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("'a'", "97"),
        ("'é'", "233"),
        ("'\\n'", "10"),
        ("'\\''", "39"),
        ("'\"'", "34"),
        ("'\\x41'", "65"),
        ("'\\377'", "255"),
        ("'\\U0001F600'", "128512"),
        (b"'\xff'", "65533"),
        ("''", PARSE),
        ("'ab'", PARSE),
        ("'\\\"'", PARSE),
        ("'\\400'", PARSE),
        ("'\\ud800'", PARSE),
        ("'\n'", PARSE),
        ("'a", PARSE),
    ],
)
def test_a_character_is_the_integer_of_its_code_point(character: str | bytes, expected: str | Stage) -> None:
    text = character if isinstance(character, bytes) else character.encode()
    assert outcome(b"{{" + text + b"}}") == expected


@pytest.mark.parametrize(
    "number",
    [
        "1" * 100_000 + "i+1i",
        "1" * 100_000 + "e",
        "1_" * 50_000 + "i+1i",
        "0x" + "1" * 100_000 + "p",
        "'" + "a" * 100_000,
    ],
    ids=lambda number: number[-6:],
)
def test_a_long_number_that_is_wrong_is_refused_soon(number: str) -> None:
    assert outcome("{{" + number + "}}") == PARSE


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1e00000000000000000002", "100"),
        (f"0.{'0' * 99_998}1e99999", "1"),
        (f"0.{'0' * 99_999}1e100000", "0"),
        (f"0x0.{'0' * 9_999}1p40000", "1"),
        (f"0x0.{'0' * 99_999}1p400000", "0"),
    ],
    ids=["zeros", "five digits", "six digits", "hexadecimal", "hexadecimal, six digits"],
)
def test_an_exponent_is_read_to_five_digits_as_in_go(number: str, shown: str) -> None:
    assert outcome("{{" + number + "}}") == shown
