"""Removal of secrets from any text that leaves the program: log lines, error details, audit entries."""

import re
from typing import Final

REDACTED: Final = "[REDACTED]"

_URL_CREDENTIALS: Final = re.compile(r"(?<=://)[^\s/@\"']*:[^\s/@\"']*@|(?<=://)[^\s/@\"':]+@")
_BEARER: Final = re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/=-]+")
_JSON_WEB_TOKEN: Final = re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_ASSIGNED: Final = re.compile(
    r"""(?ix) ( password | credential | secret | token ) ["']? \s* [:=] \s* ( "[^"]*" | '[^']*' | [^\s,;&"'}\]]+ )"""
)
_SECRET_KEY: Final = re.compile(
    r"(?i)pass(word|phrase)?|credential|secret|token|private_?key|signing_?key|authorization"
)


def redact(text: str) -> str:
    """Return `text` with URL credentials, tokens and `password=…`-like values replaced."""
    text = _URL_CREDENTIALS.sub(f"{REDACTED}@", text)
    text = _BEARER.sub(f"Bearer {REDACTED}", text)
    text = _JSON_WEB_TOKEN.sub(REDACTED, text)
    return _ASSIGNED.sub(lambda match: f"{match[1]}{REDACTED}", text)


def is_secret_key(key: str) -> bool:
    """Tell whether a field of this name is likely to hold a secret."""
    return _SECRET_KEY.search(key) is not None
