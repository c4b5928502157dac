"""Cases with Go's recorded answers.

They are written by hand in `sources/`, a file for each part of the language, as lists of rules:

    rule: a width pads on the left
    templates: ['{{printf "%5d" .}}']
    formats: ['%5d']         # short for templates that give the data to printf
    latin_1: ["\\xff"]        # templates whose characters are bytes
    data: 3                  # what the templates are applied to; null if there is none
    each: [3, 4]             # or several, one after the other
    sample: true             # or the one struct that the reference has

`record.py` asks Go and writes `cases/`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.gotemplate.golang import Answer, Question

_HERE: Final = Path(__file__).parent
SOURCES: Final = sorted((_HERE / "sources").glob("*.yaml"))
RECORDED: Final = sorted((_HERE / "cases").glob("*.json"))
_KEYS: Final = {"rule", "templates", "formats", "latin_1", "data", "each", "sample"}


@dataclass(frozen=True, slots=True)
class Case:
    """A question, Go's answer, and the rule that it shows."""

    rule: str
    question: Question
    go: Answer


def written(source: Path) -> Iterator[tuple[str, Question]]:
    """Give the rules and questions of a file of `sources/`."""
    for group in yaml.safe_load(source.read_text()):
        assert group.keys() <= _KEYS, group
        for template in _templates(group):
            for data in group.get("each", [group.get("data")]):
                yield group["rule"], Question(template, data, group.get("sample", False))


def recorded(path: Path) -> list[Case]:
    """Read a file of `cases/`."""
    return [Case(case["rule"], Question.of(case), Answer.of(case)) for case in json.loads(path.read_text())]


def record(source: Path, cases: list[Case]) -> None:
    """Write the file of `cases/` that belongs to one of `sources/`."""
    lines = [
        json.dumps({"rule": case.rule} | case.question.fields() | case.go.fields(), ensure_ascii=False)
        for case in cases
    ]
    path = _HERE / "cases" / f"{source.stem}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def _templates(group: dict[str, Any]) -> Iterator[bytes]:
    for template in group.get("templates", []):
        yield template.encode()
    for form in group.get("formats", []):
        yield f'{{{{printf "{form}" .}}}}'.encode()
    for template in group.get("latin_1", []):
        yield template.encode("latin-1")
