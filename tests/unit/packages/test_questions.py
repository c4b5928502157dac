"""What answers are taken, and what is generated."""

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townos.errors import Invalid
from townos.names import PackageName
from townos.packages.questions import Question, carried, completed, converted

NAME = PackageName("My.App")


def refusal(question: Question, answer: str) -> str:
    with pytest.raises(Invalid) as error:
        converted({"q": question}, {"q": answer})
    (field,) = error.value.fields
    assert field.name == "q"
    return field.text()


@pytest.mark.parametrize(
    ("kind", "answer", "value"),
    [
        pytest.param("port", "8080", "8080", marks=pytest.mark.conformance("QST-02")),
        ("port", "1", "1"),
        ("port", "65535", "65535"),
        pytest.param("hostname", "My-Host", "my-host", marks=pytest.mark.conformance("QST-03")),
        pytest.param("volume", "a-b_C9", "a-b_C9", marks=pytest.mark.conformance("QST-04")),
        pytest.param("bytes", "2gb", str(2 * 1024**3), marks=pytest.mark.conformance("QST-05")),
        ("bytes", "500MB", str(500 * 1024**2)),
        pytest.param("archive", "site.tar.gz", "site.tar.gz", marks=pytest.mark.conformance("QST-06")),
        pytest.param("duration", "2h", "7200", marks=pytest.mark.conformance("QST-07")),
        pytest.param("secret", "hunter2", "hunter2", marks=pytest.mark.conformance("QST-08")),
        ("", "free text, ü", "free text, ü"),
    ],
)
def test_an_answer_is_converted_by_its_type(kind: str, answer: str, value: str) -> None:
    assert converted({"q": Question("?", kind)}, {"q": answer}) == {"q": value}


@pytest.mark.conformance("QST-09")
@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "-1"),
        ("port", "1e3"),
        ("port", "٣"),
        ("hostname", "-a"),
        ("hostname", "9a"),
        ("hostname", "a_b"),
        ("hostname", "a.b"),
        ("volume", "a/b"),
        ("volume", "a.b"),
        ("bytes", "1kb"),
        ("bytes", "many"),
        ("bytes", " "),
        ("duration", " "),
        ("duration", "5 minutes"),
        ("oauth", "x"),
    ],
)
def test_an_answer_that_does_not_fit_its_type_is_refused(kind: str, answer: str) -> None:
    assert refusal(Question("?", kind), answer).startswith("response does not match the expected type")


@pytest.mark.conformance("HOLE-01")
@pytest.mark.parametrize("kind", ["", "secret", "archive"])
@pytest.mark.parametrize("character", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe"])
def test_control_characters_are_refused_in_every_answer(kind: str, character: str) -> None:
    assert "control characters" in refusal(Question("?", kind), f"a{character}b")


@pytest.mark.conformance("QST-09")
def test_all_errors_come_together() -> None:
    questions = {"a": Question("?", "port"), "b": Question("?"), "c": Question("?")}
    with pytest.raises(Invalid) as error:
        converted(questions, {"a": "x", "b": "", "z": "1"})
    texts = {field.name: field.text() for field in error.value.fields}
    assert texts.keys() == {"a", "b", "c", "z"}
    assert texts["b"] == "empty response"
    assert texts["c"] == "question has no response"
    assert texts["z"] == "response does not match a prompt question"
    assert error.value.text() == "4 response validation error(s)"


@pytest.mark.parametrize("given_answer", [{}, {"q": ""}, {"q": "auto"}])
class TestGenerated:
    """Missing, empty and `auto` mean the same."""

    def generate(self, question: Question, answers: dict[str, str]) -> str:
        ports = count(12_000)
        return completed({"q": question}, answers, NAME, lambda: next(ports))["q"]

    @pytest.mark.conformance("QST-02")
    def test_a_port_is_a_free_one(self, given_answer: dict[str, str]) -> None:
        assert self.generate(Question("?", "port", "80"), given_answer) == "12000"

    @pytest.mark.conformance("QST-03")
    def test_a_hostname_is_the_package_and_four_hex_digits(self, given_answer: dict[str, str]) -> None:
        assert re.fullmatch(r"my-app-[0-9a-f]{4}", self.generate(Question("?", "hostname"), given_answer))

    @pytest.mark.conformance("QST-08")
    def test_a_secret_is_32_random_bytes_in_hex(self, given_answer: dict[str, str]) -> None:
        first, second = (self.generate(Question("?", "secret", "weak"), given_answer) for _ in range(2))
        assert re.fullmatch(r"[0-9a-f]{64}", first)
        assert first != second

    @pytest.mark.conformance("QST-01")
    def test_every_other_type_takes_its_default(self, given_answer: dict[str, str]) -> None:
        assert self.generate(Question("?", "bytes", "1gb"), given_answer) == "1gb"


def test_an_answer_that_was_given_is_kept() -> None:
    answers = {"a": "1", "b": "mine"}
    questions = {"a": Question("?", "port"), "b": Question("?", "secret")}
    assert completed(questions, answers, NAME, lambda: 9) == answers


def test_earlier_answers_replace_missing_ones() -> None:
    questions = {name: Question("?") for name in ("kept", "changed", "cleared")}
    earlier = {"kept": "1", "changed": "2", "cleared": "3", "gone": "4"}
    assert carried(questions, {"changed": "5", "cleared": "", "unknown": "6"}, earlier) == {
        "kept": "1",
        "changed": "5",
        "cleared": "",
        "unknown": "6",
    }


@given(
    st.text(max_size=20), st.sampled_from(["", "port", "hostname", "volume", "bytes", "archive", "duration", "secret"])
)
def test_any_answer_is_converted_or_refused_by_name(answer: str, kind: str) -> None:
    try:
        values = converted({"q": Question("?", kind)}, {"q": answer})
    except Invalid as error:
        assert [field.name for field in error.fields] == ["q"]
    else:
        assert values["q"]
