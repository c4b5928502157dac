"""Compares our engine with Go on random templates. `python -m tests.gotemplate.fuzz [--seconds N] [--seed N]`."""

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from tests.gotemplate import engine
from tests.gotemplate.golang import Answer, Question, attempts
from tests.gotemplate.grammar import Grammar
from townos.packages.gotemplate import LimitExceeded

_BATCH: Final = 500
_LIMITS: Final = replace(engine.LIMITS, depth=500, seconds=2)
"""Templates that call themselves are many, and some count to a number that is too high."""
_ADDRESS: Final = re.compile(rb'%[^%"`]*p')
"""A directive that may show where a value lies: in Go, that is another number with every run, of any length."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A question with two answers."""

    question: Question
    ours: Answer | str
    """An answer, or an exception that should not have been."""
    go: Answer

    def __str__(self) -> str:
        asked = f"template: {self.question.template!r}\ndata:     {self.question.data!r}"
        return f"{asked}\nsample:   {self.question.sample}\nours:     {self.ours}\nGo:       {self.go}"


@dataclass(slots=True)
class Tally:
    """How far a run got."""

    seed: int
    compared: int = 0
    succeeded: int = 0
    undecided: int = 0
    """Questions that took Go or us more than there may be."""


def differences(seed: int, seconds: float, tally: Tally) -> Iterator[Difference]:
    """Compare until the time is over."""
    grammar = Grammar(Random(seed))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        questions = [grammar.question() for _ in range(_BATCH)]
        for question, go in zip(questions, attempts(questions), strict=True):
            found = go and _compared(question, go)
            if not go or not found:
                tally.undecided += 1
                continue
            tally.compared += 1
            tally.succeeded += go.stage is None
            if isinstance(found, Difference):
                yield found


def minimal(difference: Difference) -> Difference:
    """Take away from the template and the data what is not needed for a difference."""
    while True:
        smaller = _first_difference(_smaller(difference.question))
        if not smaller:
            return difference
        difference = smaller


def _compared(question: Question, go: Answer) -> Difference | bool:
    """Return a difference, or whether there was something to compare."""
    try:
        ours = engine.answer(question, _LIMITS)
    except LimitExceeded:
        return False
    except Exception as error:  # noqa: BLE001 (the question that led to it is what counts)
        return Difference(question, repr(error), go)
    if ours.compared == go.compared:
        return True
    if ours.stage == go.stage and _ADDRESS.search(question.template):
        return False
    return Difference(question, ours, go)


def _first_difference(questions: Sequence[Question]) -> Difference | None:
    for question, go in zip(questions, attempts(questions), strict=True):
        found = go and _compared(question, go)
        if isinstance(found, Difference):
            return found
    return None


def _smaller(question: Question) -> list[Question]:
    """Return questions with less, those with the least first."""
    text = question.template
    size = len(text) // 2
    templates = []
    while size:
        templates += [text[:at] + text[at + size :] for at in range(0, len(text) - size + 1, max(size // 2, 1))]
        size //= 2
    smaller = [replace(question, template=template) for template in templates]
    if isinstance(question.data, dict):
        smaller += [replace(question, data=_without(question.data, key)) for key in question.data]
    return smaller


def _without(data: dict[str, object], key: str) -> dict[str, object]:
    return {other: value for other, value in data.items() if other != key}


def main() -> None:
    """Print differences, each as small as it can be, until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--most", type=int, default=10, help="end after this many differences")
    options = parser.parse_args()
    tally = Tally(options.seed)
    found = 0
    for difference in differences(options.seed, options.seconds, tally):
        found += 1
        print(minimal(difference), end="\n\n", flush=True)
        if found == options.most:
            break
    print(tally)
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
