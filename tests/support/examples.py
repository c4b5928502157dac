"""How many random examples the tests look at that have a number of their own."""

import hypothesis


def examples(number: int) -> int:
    """Return the number, or in the quick part as large a share of it as other tests look at there."""
    return number * hypothesis.settings().max_examples // 100
