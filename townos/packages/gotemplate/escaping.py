"""The functions `html`, `js` and `urlquery`.

In the texts, bytes that are no UTF-8 are lone surrogates, in Python's way.
"""

import re
from typing import Final
from urllib.parse import quote_plus

from townos.packages.gotemplate.formatting.printable import is_printable
from townos.packages.gotemplate.formatting.text import encoded

_HTML: Final = str.maketrans(
    {"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"},
)
_JS_SPECIAL: Final = re.compile("[\0-\x1f\\\\'\"<>&=]|[^\0-\x7f]")
_JS_BACKSLASHED: Final = "\\'\""
_NO_UTF_8: Final = range(0xDC80, 0xDD00)


def html_escape(text: str) -> str:
    """Escape a text for HTML."""
    return text.translate(_HTML)


def js_escape(text: str) -> str:
    """Escape a text for a string constant in JavaScript. Bytes that are no UTF-8 stay as they are."""
    return _JS_SPECIAL.sub(_js_escaped, text)


def _js_escaped(special: re.Match[str]) -> str:
    character = special[0]
    if character in _JS_BACKSLASHED:
        return "\\" + character
    if not character.isascii() and (ord(character) in _NO_UTF_8 or is_printable(character)):
        return character
    return f"\\u{ord(character):04X}"


def url_query_escape(text: str) -> str:
    """Escape a text for the query of a URL."""
    return quote_plus(encoded(text))
