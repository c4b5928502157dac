"""Random templates and data: valid ones for the most part, so that they get far, and some that are bent a little."""

from random import Random
from typing import Final

from tests.gotemplate.golang import Question
from tests.gotemplate.grammar.bending import bent, soup
from tests.gotemplate.grammar.data import Data
from tests.gotemplate.grammar.depth import deep
from tests.gotemplate.grammar.templates import Templates

_SAMPLES: Final = 0.08
_DEEP: Final = 0.02
_SOUPS: Final = 0.08
_BENT: Final = 0.15


class Grammar:
    """Makes questions from a source of randomness."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._templates = {sample: Templates(random, sample=sample) for sample in (False, True)}
        self._data = Data(random)

    def question(self) -> Question:
        """Make a template and its data."""
        sample = self._random.random() < _SAMPLES
        text = self._text(sample=sample)
        # What is not UTF-8 comes as lone surrogates, in Python's way.
        return Question(text.encode("utf-8", "surrogateescape"), None if sample else self._data.any(), sample)

    def _text(self, *, sample: bool) -> str:
        chance = self._random.random()
        if chance < _DEEP:
            return deep(self._random)
        if chance < _DEEP + _SOUPS:
            return soup(self._random)
        templates = self._templates[sample]
        text = templates.formatting() if self._random.random() < 0.4 else templates.template()
        return bent(text, self._random) if self._random.random() < _BENT else text
