"""Which of two versions is newer."""

import re
from functools import cmp_to_key
from itertools import zip_longest
from typing import Final

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")


def compare(left: str, right: str) -> int:
    """Return a negative number, zero or a positive one as `left` is older, as old as, or newer than `right`.

    Segments between dots compare as integers where both are, else as strings; a missing one is the empty string. With
    segments that mix digits and letters this rule is not transitive (2 < 10 < 1a < 2); it is what the wire says.
    """
    for ours, theirs in zip_longest(left.split("."), right.split("."), fillvalue=""):
        if order := _compare_segment(ours, theirs):
            return order
    return 0


def _compare_segment(left: str, right: str) -> int:
    if _INTEGER.fullmatch(left) and _INTEGER.fullmatch(right):
        return int(left) - int(right)
    return (left > right) - (left < right)


version_key: Final = cmp_to_key(compare)
"""Sort key of a version."""
