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

from townos.errors import FieldError, Invalid, Malformed
from townos.limits import TEMPLATE_DEPTH_MAX, TEMPLATE_OUTPUT_MAX_BYTES, TEMPLATE_SECONDS_MAX, TEMPLATE_TEXT_MAX_BYTES
from townos.packages.gotemplate import LimitExceeded, Limits, TemplateInvalid, from_json, parse
from townos.packages.gotemplate.values import Value
from townos.packages.templates import Data

LIMITS: Final = Limits(TEMPLATE_OUTPUT_MAX_BYTES, TEMPLATE_TEXT_MAX_BYTES, TEMPLATE_DEPTH_MAX, TEMPLATE_SECONDS_MAX)
REFUSED: Final = 1
"""The exit status for a template that cannot be rendered."""
_JSON_DEPTH_MAX: Final = 10_000  # as Go's decoder


def template(arguments: argparse.Namespace) -> int:
    """Carry out the command and return the exit status. Raises `TownError` for what cannot be read."""
    sys.setrecursionlimit(2 * _JSON_DEPTH_MAX)  # which the reader of JSON counts by
    if arguments.json_lines:
        return _render_lines(sys.stdin.buffer, sys.stdout.buffer)
    return _render_file(arguments.file, arguments.data)


def _render_file(file: Path, data: Path | None) -> int:
    values = _data(_json(_content(data), str(data)) if data else {})
    try:
        output = parse(_content(file)).execute(values, LIMITS, _go_on)
    except TemplateInvalid as error:
        sys.stderr.write(f"{file}:{error.line}: {error.message}\n")
        return REFUSED
    except LimitExceeded as error:
        sys.stderr.write(f"{file}: {error}\n")
        return REFUSED
    sys.stdout.buffer.write(output)
    return 0


def _data(given: object) -> Value:
    """Return the data of an installation. What the file leaves out is empty; a name that there is not is refused."""
    if not isinstance(given, dict):
        raise Invalid("template.data", fields=[FieldError("data", "template.data")])
    data = Data()
    sections = {"Responses": dict(data.responses), "Package": dict(data.package), "System": dict(data.system)}
    for name, values in given.items():
        if name not in sections or not isinstance(values, dict):
            _refuse_name(name)
        for key, value in values.items():
            if not isinstance(value, str) or (name != "Responses" and key not in sections[name]):
                _refuse_name(f"{name}.{key}")
            sections[name][key] = value
    return Data(sections["Responses"], sections["Package"], sections["System"]).value()


def _refuse_name(name: str) -> NoReturn:
    raise Invalid("template.data_name", name, fields=[FieldError(name, "template.data_name", (name,))])


def _render_lines(questions: BinaryIO, answers: BinaryIO) -> int:
    for number, line in enumerate(questions, 1):
        question = _json(line, str(number))
        if not isinstance(question, dict) or not isinstance(question.get("template"), str):
            raise Malformed("template.line", number)
        answers.write(json.dumps(_answer(question)).encode() + b"\n")
        answers.flush()
    return 0


def _answer(question: Mapping[str, Any]) -> dict[str, object]:
    stage, output, error = None, "", ""
    try:
        text = from_json(question["template"])
        assert isinstance(text, bytes)
        output = _as_text(parse(text).execute(from_json(question.get("data")), LIMITS, _go_on))
    except TemplateInvalid as refused:
        stage, error = refused.stage.value, str(refused)
    except (LimitExceeded, ValueError) as refused:
        stage, error = "exec", str(refused)
    return {"id": question.get("id"), "ok": stage is None, "stage": stage, "output": output, "error": error}


def _as_text(output: bytes) -> str:
    """Return bytes as Go's JSON does: each one that is no UTF-8 is U+FFFD."""
    return "".join(
        "\ufffd" if "\udc80" <= character <= "\udcff" else character
        for character in output.decode("utf-8", "surrogateescape")
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Malformed("template.unreadable", str(path), error.strerror or "") from error


def _json(content: bytes, source: str) -> object:
    try:
        return json.loads(_as_text(content))
    except (ValueError, RecursionError) as error:
        raise Malformed("template.json", source, str(error)) from error


def _go_on() -> None:
    """Never end a run from outside: the limits do."""
