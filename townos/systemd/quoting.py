"""How values must be written in a unit file so that systemd reads back exactly what was meant (systemd.syntax(7)).

Inside a command line `%` begins a specifier and `$` a variable; words are split at white space and may be quoted, and a
backslash begins an escape. In other values only `%` and a backslash at the end of the line have meaning.
"""

import re
from collections.abc import Sequence
from typing import Final

from townos.errors import Invalid
from townos.i18n import Bytes
from townos.limits import UNIT_LINE_MAX_BYTES
from townos.texts import CONTROL_BUT_BREAKS

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:=@,+-]+")
_ESCAPES: Final = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "%": "%%", "$": "$$"}
_ESCAPED: Final = re.compile(r'[\\"\n\t%$]')
# A quote that is never closed reaches to the end: looking for its end again at each later quote would be quadratic.
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*+)"?|([^\s"]+)', re.DOTALL)
_UNESCAPED: Final = re.compile(r"\\(.)|%%|\$\$", re.DOTALL)
_CONTROL: Final = {"n": "\n", "t": "\t"}


def word(text: str) -> str:
    """Return one word of a command line. Raises `Invalid` for control characters other than newline and tab."""
    check(text)
    if _PLAIN.fullmatch(text):
        return text
    return '"' + _ESCAPED.sub(lambda match: _ESCAPES[match[0]], text) + '"'


def words(line: str) -> list[str]:
    """Return the words that a command line means; the inverse of `word`."""
    return [_unescaped(quoted or plain) for quoted, plain in _WORD.findall(line)]


def value(text: str) -> str:
    """Return a value that is no command line. Raises `Invalid` for control characters."""
    check(text)
    if "\n" in text or "\t" in text:
        raise Invalid("unit.control_characters")
    escaped = text.replace("%", "%%")
    return f"{escaped} " if escaped.endswith("\\") else escaped  # not the last of the line: no continuation


def check(text: str) -> None:
    """Raise `Invalid` for what no unit file can carry."""
    if CONTROL_BUT_BREAKS.search(text):
        raise Invalid("unit.control_characters")


def check_line(line: str) -> str:
    """Return a line with its continuations. Raises `Invalid` for one that systemd would not read."""
    if len(line.encode()) > UNIT_LINE_MAX_BYTES:
        raise Invalid("unit.line_too_long", Bytes(UNIT_LINE_MAX_BYTES))
    return line


def command(groups: Sequence[Sequence[str]]) -> str:
    """Return a command line, each group of words on a line of its own."""
    return " \\\n    ".join(" ".join(word(text) for text in group) for group in groups if group)


def _unescaped(text: str) -> str:
    return _UNESCAPED.sub(lambda match: _CONTROL.get(match[1], match[1]) if match[1] else match[0][0], text)
