"""What texts from outside may look like: the rules that several rooms share."""

import re
from typing import Final

from townos.limits import CONTACT_MAX_CHARS

_PLANES_ENDS: Final = "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_NO_TEXT: Final = rf"\ud800-\udfff\ufdd0-\ufdef{_PLANES_ENDS}"
"""Surrogates and noncharacters: systemd drops a whole line of a unit file that has one of them."""

CONTROL: Final = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{_NO_TEXT}]")
"""Finds a control character, one that breaks a line, or what is no character at all."""

CONTROL_BUT_BREAKS: Final = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_NO_TEXT}]")
"""Finds a control character other than newline and tab, or what is no character at all."""

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def is_email(text: str) -> bool:
    """Tell whether a text is an e-mail address (docs/api.md, Accounts)."""
    # The pattern backtracks quadratically on a long run of dots: the bound on the length comes first.
    return len(text) <= CONTACT_MAX_CHARS and _EMAIL.fullmatch(text) is not None
