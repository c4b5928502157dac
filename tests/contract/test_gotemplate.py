"""Our template engine beside real Go."""

import time
from pathlib import Path

import pytest

from tests.gotemplate import cases, fuzz, golang

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
