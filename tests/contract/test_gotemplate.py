"""Our template engine beside real Go."""

import time
from pathlib import Path

import pytest

from tests.gotemplate import cases, engine, fuzz, golang
from townos.packages.gotemplate.runes import is_alphanumeric

pytestmark = pytest.mark.slow

SECONDS = 60


@pytest.mark.timeout(600)  # the first use builds the reference
@pytest.mark.parametrize("path", cases.RECORDED, ids=lambda path: path.stem)
def test_recorded_answers_are_those_of_go(path: Path) -> None:
    recorded = cases.recorded(path)
    assert [case.go for case in recorded] == golang.answers([case.question for case in recorded])


@pytest.mark.timeout(600)
def test_random_templates_have_the_output_or_the_failure_that_they_have_in_go() -> None:
    tally = fuzz.Tally(seed=time.time_ns() % 1_000_000)
    difference = next(fuzz.differences(tally.seed, SECONDS, tally), None)
    assert not difference, f"seed {tally.seed}, after {tally.compared} templates:\n{fuzz.minimal(difference)}"
    assert tally.compared > 0
    # Random templates that fail for the most part would say little.
    assert tally.succeeded > tally.compared / 5
    assert tally.undecided < tally.compared / 20


PLANES = [
    "".join(map(chr, points))
    for points in (range(0xD800), range(0xE000, 0x20000), range(0x20000, 0x40000), range(0xE0000, 0x110000))
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("characters", PLANES, ids=lambda characters: f"{ord(characters[0]):x}")
@pytest.mark.parametrize("template", [b'{{printf "%q" .}}', b"{{js .}}"])
def test_the_characters_that_are_shown_are_those_of_go(template: bytes, characters: str) -> None:
    question = golang.Question(template, characters)
    assert engine.answer(question) == golang.answers([question])[0]


@pytest.mark.timeout(600)
def test_names_have_the_letters_and_digits_of_go() -> None:
    names = "".join(filter(is_alphanumeric, "".join(PLANES)))
    assert golang.answers([golang.Question(f"{{{{$_{names} := 1}}}}".encode())])[0].stage is None
    others = [one for one in "".join(PLANES[:3]) if one > "\x7f" and one.isprintable() and not is_alphanumeric(one)]
    refused = golang.answers([golang.Question(f"{{{{.{one}}}}}".encode()) for one in others])
    assert {answer.stage for answer in refused} == {"parse"}
