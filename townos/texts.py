"""What texts from outside may look like: the rules that several rooms share."""

import re
from typing import Final

from townos.limits import CONTACT_MAX_CHARS

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Finds a control character, or one that breaks a line."""

CONTROL_BUT_BREAKS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Finds a control character other than newline and tab."""

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def is_email(text: str) -> bool:
    """Tell whether a text is an e-mail address (contract §3.2)."""
    # The pattern backtracks quadratically on a long run of dots: the bound on the length comes first.
    return len(text) <= CONTACT_MAX_CHARS and _EMAIL.fullmatch(text) is not None
