"""Our engine gives Go's answers, as they were recorded."""

import json
from pathlib import Path

import pytest

from tests.gotemplate import cases, engine


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", cases.RECORDED, ids=name)
def test_templates_have_the_output_or_failure_that_they_have_in_go(path: Path) -> None:
    wrong = []
    for case in cases.recorded(path):
        ours = engine.answer(case.question)
        if ours.compared != case.go.compared:
            wrong.append(f"{case.rule}\n  {case.question}\n  ours: {ours}\n  Go:   {case.go}")
    assert not wrong, f"{len(wrong)} answers differ:\n" + "\n".join(wrong)


@pytest.mark.parametrize("source", cases.SOURCES, ids=name)
def test_every_written_case_is_recorded(source: Path) -> None:
    recorded = cases.recorded(source.parents[1] / "cases" / f"{source.stem}.json")
    # As JSON, which tells 1 from 1.0 and -0.0 from 0.0.
    assert [[case.rule, json.dumps(case.question.fields())] for case in recorded] == [
        [rule, json.dumps(question.fields())] for rule, question in cases.written(source)
    ]
