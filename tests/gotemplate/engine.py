"""Our own engine, asked in the same way as Go."""

from typing import Final

from tests.gotemplate.golang import Answer, Question
from townos.packages.gotemplate import Limits, TemplateInvalid, from_json, parse
from townos.packages.gotemplate.values import Kind, Map, Number, Slice, Struct, Value

LIMITS: Final = Limits(output=64 << 20, text=256 << 20, depth=100_000, seconds=60)

SAMPLE: Final = Struct(
    "main.Sample",
    {
        "Name": b"web",
        "Count": Number(Kind.INT, 3),
        "Ratio": Number(Kind.FLOAT64, 0.5),
        "Ready": True,
        "Inner": Struct("main.Inner", {"Text": b"inside"}),
        "List": Slice.of([Number(Kind.INT, 1), b"two", None]),
        "Map": Map({b"b": Number(Kind.INT, 2), b"a": None}),
        "Any": Struct("main.Inner", {"Text": b"boxed"}),
        "Absent": None,
    },
)
"""The struct that the reference has too."""


def answer(question: Question, limits: Limits = LIMITS) -> Answer:
    """Ask our engine. Raises `LimitExceeded`."""
    data: Value = SAMPLE if question.sample else from_json(question.data)
    try:
        return Answer(parse(question.template).execute(data, limits, _go_on), None)
    except TemplateInvalid as error:
        return Answer(b"", error.stage.value, str(error))


def _go_on() -> None:
    """Never end a run from outside."""
