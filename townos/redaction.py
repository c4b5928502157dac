"""Removal of secrets from any text that leaves the program: log lines, error details, audit entries.

Strangers choose some of these texts, and all of this runs on the event loop: every pattern takes time in proportion to
the text, since no two attempts to match can read the same stretch.
"""

import re
from typing import Any, Final

from townos.errors import TownError
from townos.i18n import Term, term_data, term_from
from townos.limits import REDACTED_TEXT_MAX_CHARS

REDACTED: Final = "[REDACTED]"
_CUT: Final = "…"

_URL_CREDENTIALS: Final = re.compile(r"(?<=://)[^\s/\"']+@")
_BEARER: Final = re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/=-]+")
# The whole run is taken, whether it is a token or not, so that it is not tried again at the next `eyJ` within it.
_JSON_WEB_TOKEN: Final = re.compile(r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_.-]+")
_JSON_WEB_TOKEN_DOTS: Final = 2
# A quoted value that is never closed reaches to the end: it may have been cut.
_ASSIGNED: Final = re.compile(
    r"""(?isx) ( password | credential | secret | token ) ["']? \s* [:=] \s*
        (?: "(?:[^"\\]|\\.)*+"? | '(?:[^'\\]|\\.)*+'? | [^\s,;&"'}\]]+ )"""
)
_SECRET_KEY: Final = re.compile(
    r"(?i)pass(word|phrase)?|credential|secret|token|private_?key|signing_?key|authorization"
)


def redact(text: str, max_chars: int = REDACTED_TEXT_MAX_CHARS) -> str:
    """Return the beginning of `text` with URL credentials, tokens and `password=…`-like values replaced."""
    text = _URL_CREDENTIALS.sub(f"{REDACTED}@", _beginning(text, max_chars))
    text = _BEARER.sub(f"Bearer {REDACTED}", text)
    text = _JSON_WEB_TOKEN.sub(_without_token, text)
    return _ASSIGNED.sub(lambda match: f"{match[1]}{REDACTED}", text)


def redact_data(value: Any) -> Any:
    """Return JSON with every text in it redacted."""
    match value:
        case str():
            return redact(value)
        case list():
            return [redact_data(member) for member in value]
        case dict():
            return {key: redact_data(member) for key, member in value.items()}
        case _:
            return value


def reason(error: Exception) -> Term:
    """Return the message of an error without secrets; that of a foreign one is its type and its text.

    What is reported of a failure is stored, and everybody who is signed in may read it.
    """
    term = error.term if isinstance(error, TownError) else Term.plain(f"{type(error).__name__}: {error}")
    return term_from(redact_data(term_data(term)))


def is_secret_key(key: str) -> bool:
    """Tell whether a field of this name is likely to hold a secret."""
    return _SECRET_KEY.search(key) is not None


def _beginning(text: str, max_chars: int) -> str:
    """Cut a text before a word: half a secret may not look like one any more."""
    if len(text) <= max_chars:
        return text
    whole_words, _, _ = text[:max_chars].rpartition(" ")
    return f"{whole_words} {_CUT}"


def _without_token(match: re.Match[str]) -> str:
    return REDACTED if match[0].count(".") >= _JSON_WEB_TOKEN_DOTS else match[0]
