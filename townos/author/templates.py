"""`townos template`: what a template becomes, for its author and for the comparison with Go's.

A file is rendered with the data that an installation would give it. With `--json-lines` any number of templates are
rendered with any data, a line of JSON for each: `{"id", "template", "data"}` in, and out `{"id", "ok", "stage",
"output", "error"}` with the stage `parse`, `exec` or null.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

from townos.errors import Invalid, Malformed
from townos.limits import (
    TEMPLATE_LINES_DEPTH_MAX,
    TEMPLATE_LINES_OUTPUT_MAX_BYTES,
    TEMPLATE_LINES_SECONDS_MAX,
    TEMPLATE_LINES_TEXT_MAX_BYTES,
)
from townos.packages.gotemplate import LimitExceeded, Limits, TemplateInvalid, from_json, parse
from townos.packages.gotemplate.runes import decoded
from townos.packages.templates import Data, TemplateExcessive, TemplateRefused, render

LINES_LIMITS: Final = Limits(
    TEMPLATE_LINES_OUTPUT_MAX_BYTES,
    TEMPLATE_LINES_TEXT_MAX_BYTES,
    TEMPLATE_LINES_DEPTH_MAX,
    TEMPLATE_LINES_SECONDS_MAX,
)
"""Go has no limits: these are wide enough for all that it renders in a reasonable time."""
REFUSED: Final = 1
"""The exit status for a template that cannot be rendered."""
_JSON_DEPTH_MAX: Final = 10_000  # as Go's decoder
_INTEGER_DIGITS_MAX: Final = 20


def template(arguments: argparse.Namespace) -> int:
    """Carry out the command and return the exit status. Raises `TownError` for what cannot be read."""
    sys.setrecursionlimit(2 * _JSON_DEPTH_MAX)  # which the reader of JSON counts by
    if arguments.json_lines:
        return _render_lines(sys.stdin.buffer, sys.stdout.buffer)
    return _render_file(arguments.file, arguments.data)


def _render_file(file: Path, data: Path | None) -> int:
    values = _data(_json(_content(data), str(data)) if data else {})
    try:
        output = render(_content(file), values, _go_on)
    except TemplateRefused as error:
        sys.stderr.write(f"{file}:{error.place.line}:{error.place.column}: {error.reason}\n")
        return REFUSED
    except TemplateExcessive as error:
        sys.stderr.write(f"{file}: {error}\n")
        return REFUSED
    sys.stdout.buffer.write(output)
    return 0


def _data(given: object) -> Data:
    """Return the data of an installation. What the file leaves out is empty; a name that there is not is refused."""
    if not isinstance(given, dict):
        raise Invalid.at("data", "template.data")
    data = Data()
    sections = {"Responses": dict(data.responses), "Package": dict(data.package), "System": dict(data.system)}
    for name, values in given.items():
        if name not in sections or not isinstance(values, dict):
            _refuse_name(name)
        for key, value in values.items():
            if not isinstance(value, str) or (name != "Responses" and key not in sections[name]):
                _refuse_name(f"{name}.{key}")
            sections[name][key] = value
    return Data(sections["Responses"], sections["Package"], sections["System"])


def _refuse_name(name: str) -> NoReturn:
    raise Invalid.at(name, "template.data_name", name)


def _render_lines(questions: BinaryIO, answers: BinaryIO) -> int:
    for number, line in enumerate(questions, 1):
        if not line.strip():
            continue
        question = _json(line, str(number))
        if not isinstance(question, dict) or not isinstance(question.get("template"), str):
            raise Malformed("template.line", number)
        answers.write(json.dumps(_answer(question)).encode() + b"\n")
        answers.flush()
    return 0


def _answer(question: Mapping[str, Any]) -> dict[str, object]:
    stage, output, error = None, "", ""
    try:
        output = decoded(parse(question["template"]).execute(from_json(question.get("data")), LINES_LIMITS, _go_on))
    except TemplateInvalid as refused:
        stage, error = refused.stage.value, str(refused)
    except (LimitExceeded, ValueError) as refused:
        stage, error = "exec", str(refused)
    return {"id": question.get("id"), "ok": stage is None, "stage": stage, "output": output, "error": error}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Malformed("template.unreadable", str(path), error.strerror or "") from error


def _json(content: bytes, source: str) -> object:
    try:
        return json.loads(decoded(content), parse_int=_integer, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("template.json", source, str(error)) from error


def _integer(digits: str) -> int | float:
    """Read an integer. One that only a float can hold need not be exact, and Python is slow to read it exactly."""
    return int(digits) if len(digits) <= _INTEGER_DIGITS_MAX else float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _go_on() -> None:
    """Never end a run from outside: the limits do."""
