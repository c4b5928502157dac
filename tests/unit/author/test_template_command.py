"""`townos template`, as its author calls it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from townos.cli import run

Output = pytest.CaptureFixture[bytes]


@pytest.fixture(name="output")
def bytes_that_are_written(capsysbinary: Output) -> Output:
    return capsysbinary


class Input:
    """Standard input as bytes."""

    def __init__(self, given: bytes) -> None:
        self.buffer = io.BytesIO(given)


def rendered(path: Path, text: str, data: object = None) -> int:
    (path / "a.conf").write_text(text)
    (path / "data.json").write_text(json.dumps(data or {}))
    return run(["template", str(path / "a.conf"), "--data", str(path / "data.json")])


def answers(monkeypatch: pytest.MonkeyPatch, output: Output, *questions: object) -> list[dict[str, Any]]:
    lines = b"".join(json.dumps(question).encode() + b"\n" for question in questions)
    monkeypatch.setattr("sys.stdin", Input(lines))
    assert run(["template", "--json-lines"]) == 0
    return [json.loads(line) for line in output.readouterr().out.splitlines()]


def test_a_template_is_rendered_with_the_values_of_an_installation(tmp_path: Path, output: Output) -> None:
    data = {"Responses": {"name": "böb"}, "Package": {"Name": "web"}, "System": {"Hostname": "town"}}
    text = "{{.Responses.name}} {{.Package.Name}}@{{.System.Hostname}} {{.Responses.other}}"
    assert rendered(tmp_path, text, data) == 0
    assert output.readouterr().out.decode() == "böb web@town <no value>"


@pytest.mark.parametrize("text", ["a\n{{.Package.Size}}", "a\n{{if}}", "a\n{{.Nothing}}"])
def test_a_template_that_cannot_be_rendered_is_told_with_its_line(tmp_path: Path, output: Output, text: str) -> None:
    assert rendered(tmp_path, text) == 1
    told = output.readouterr()
    assert told.err.decode().startswith(f"{tmp_path}/a.conf:2:")
    assert told.out == b""


@pytest.mark.parametrize("data", [[1], {"Responses": {"a": 1}}, {"Package": {"Size": "x"}}, {"Other": {}}])
def test_data_that_no_installation_has_is_refused(tmp_path: Path, output: Output, data: object) -> None:
    assert rendered(tmp_path, "x", data) == 2
    assert b"townos: " in output.readouterr().err


def test_each_line_is_answered_in_order(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    told = answers(
        monkeypatch,
        output,
        {"id": 1, "template": "{{.a}} {{len .b}}", "data": {"a": 1.0, "b": [1, 2]}},
        {"id": "two", "template": "{{", "data": None},
        {"id": 3, "template": "x{{.a.b.c}}", "data": {"a": 1}},
        {"id": 4, "template": "{{slice .s 0 1}}", "data": {"s": "é"}},
    )
    assert [(one["id"], one["ok"], one["stage"], one["output"]) for one in told] == [
        (1, True, None, "1 2"),
        ("two", False, "parse", ""),
        (3, False, "exec", ""),
        (4, True, None, "\ufffd"),
    ]
    assert [bool(one["error"]) for one in told] == [False, True, True, False]


def test_a_line_that_is_no_question_ends_the_run(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    monkeypatch.setattr("sys.stdin", Input(b'{"id": 1}\n'))
    assert run(["template", "--json-lines"]) == 2
    assert b"line 1" in output.readouterr().err


def test_a_line_without_anything_is_passed_over(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    monkeypatch.setattr("sys.stdin", Input(b'\n{"id": 1, "template": "x"}\n \n'))
    assert run(["template", "--json-lines"]) == 0
    assert [json.loads(line)["output"] for line in output.readouterr().out.splitlines()] == ["x"]


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("1" + "0" * 5000, ("exec", "")),
        ("1" + "0" * 200, (None, "float64 1e+200")),
        ("-9223372036854775809", (None, "float64 -9.223372036854776e+18")),
        ("9223372036854775807", (None, "int 9223372036854775807")),
        ("1e999", ("exec", "")),
        ("-0", (None, "int 0")),
        ("-0.0", (None, "float64 -0")),
        ("1e2", (None, "float64 100")),
    ],
)
def test_a_number_has_the_type_of_its_spelling(
    monkeypatch: pytest.MonkeyPatch, output: Output, number: str, answer: tuple[str | None, str]
) -> None:
    line = '{"id": 1, "template": "{{printf `%T %v` . .}}", "data": ' + number + "}\n"
    monkeypatch.setattr("sys.stdin", Input(line.encode()))
    assert run(["template", "--json-lines"]) == 0
    told = json.loads(output.readouterr().out)
    assert (told["stage"], told["output"]) == answer


def test_data_may_be_as_deep_as_go_reads_it(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    line = '{"id": 1, "template": "{{len (print .)}}", "data": ' + "[" * 9_998 + "]" * 9_998 + "}\n"
    monkeypatch.setattr("sys.stdin", Input(line.encode()))
    assert run(["template", "--json-lines"]) == 0
    assert json.loads(output.readouterr().out)["output"] == str(2 * 9_998)


def test_a_template_may_give_more_than_at_an_installation(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    text = '{{range 20}}{{printf "%1000000d" 1}}{{end}}'
    (told,) = answers(monkeypatch, output, {"id": 1, "template": text})
    assert len(told["output"]) == 20_000_000
