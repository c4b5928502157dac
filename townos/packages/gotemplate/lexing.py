"""A template's text cut into tokens.

What is wrong within an action becomes an `ERROR`, which the parser refuses; nothing after it is looked at.
"""

import re
from collections.abc import Iterator
from typing import Final

from townos.packages.gotemplate.runes import decoded, is_alphanumeric
from townos.packages.gotemplate.tokens import KEYWORDS, Token, Type

_LEFT: Final = b"{{"
_RIGHT: Final = b"}}"
_SPACES: Final = b" \t\r\n"

_LEFT_TRIM: Final = re.compile(rb"-(?=[ \t\r\n])")
_RIGHT_DELIMITER: Final = re.compile(rb"(?:[ \t\r\n]-)?\}\}")
_TRIMMED_RIGHT_DELIMITER: Final = re.compile(rb"[ \t\r\n]-\}\}")
_SPACE_RUN: Final = re.compile(rb"[ \t\r\n]+")
_MAY_BE_NAME: Final = re.compile(rb"[0-9A-Za-z_\x80-\xff]+")
_TERMINATOR: Final = re.compile(rb"[ \t\r\n.,|:()]|\}\}|\Z")
_QUOTED: Final = {
    b'"': (Type.STRING, re.compile(rb'"(?:[^"\\\n]|\\[^\n])*"')),
    b"'": (Type.CHARACTER_CONSTANT, re.compile(rb"'(?:[^'\\\n]|\\[^\n])*'")),
    b"`": (Type.RAW_STRING, re.compile(rb"`[^`]*`")),
}
# Each base takes its own digits only; a letter that is left over makes the number wrong.
_NUMBER: Final = re.compile(
    rb"[+-]?(?:"
    rb"0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    rb"|0[oO][0-7_]*(?:\.[0-7_]*)?"
    rb"|0[bB][01_]*(?:\.[01_]*)?"
    rb"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?"
    rb")i?"
)
_SINGLE: Final = {
    b"=": Type.ASSIGN,
    b"|": Type.PIPE,
    b"(": Type.LEFT_PARENTHESIS,
    b")": Type.RIGHT_PARENTHESIS,
}


class _BadText(Exception):
    """The text within an action is no token."""


class Lexer:
    """Cuts one template into tokens."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._position = 0
        self._parentheses = 0

    def tokens(self) -> Iterator[Token]:
        """Give the tokens in their order. The last one is an `EOF` or an `ERROR`."""
        try:
            while self._position < len(self._text):
                yield from self._text_before_action()
                if self._position < len(self._text) and not self._passed_comment():
                    yield from self._action()
        except _BadText as error:
            yield Token(Type.ERROR, str(error).encode(), self._position)
        yield Token(Type.EOF, b"", self._position)

    def _text_before_action(self) -> Iterator[Token]:
        found = self._text.find(_LEFT, self._position)
        end = len(self._text) if found < 0 else found
        kept = self._text[self._position : end]
        if found >= 0 and _LEFT_TRIM.match(self._text, found + len(_LEFT)):
            kept = kept.rstrip(_SPACES)
        if kept:
            yield Token(Type.TEXT, kept, self._position)
        self._position = end

    def _passed_comment(self) -> bool:
        start = self._position + len(_LEFT)
        if _LEFT_TRIM.match(self._text, start):
            start += 2
        if not self._text.startswith(b"/*", start):
            return False
        end = self._text.find(b"*/", start + 2)
        if end < 0:
            raise _BadText("unclosed comment")
        self._position = end + 2
        if not _RIGHT_DELIMITER.match(self._text, self._position):
            raise _BadText("a comment ends before its closing delimiter")
        self._right_delimiter()
        return True

    def _action(self) -> Iterator[Token]:
        yield Token(Type.LEFT_DELIMITER, _LEFT, self._position)
        self._position += len(_LEFT)
        if _LEFT_TRIM.match(self._text, self._position):
            self._position += 2
        self._parentheses = 0
        while not _RIGHT_DELIMITER.match(self._text, self._position):
            start = self._position
            found = self._inside_action()
            yield Token(found, self._text[start : self._position], start)
        if self._parentheses:
            raise _BadText("unclosed left parenthesis")
        start = self._position
        self._right_delimiter()
        yield Token(Type.RIGHT_DELIMITER, _RIGHT, start)

    def _right_delimiter(self) -> None:
        if _TRIMMED_RIGHT_DELIMITER.match(self._text, self._position):
            self._position += 2 + len(_RIGHT)
            spaces = _SPACE_RUN.match(self._text, self._position)
            self._position = spaces.end() if spaces else self._position
        else:
            self._position += len(_RIGHT)

    def _inside_action(self) -> Type:
        """Pass one token within an action and tell its type."""
        first = self._text[self._position : self._position + 1]
        if not first:
            raise _BadText("unclosed action")
        if first in _SPACES:
            return self._space()
        if first in _QUOTED:
            return self._quoted(first)
        if first in _SINGLE:
            return self._single(first)
        if first in b"$.:":
            return self._prefixed(first)
        if first in b"+-0123456789":
            return self._number()
        return self._word(first)

    def _space(self) -> Type:
        run = _SPACE_RUN.match(self._text, self._position)
        assert run
        # The last space belongs to a trim marker that may follow.
        trimmed = _TRIMMED_RIGHT_DELIMITER.match(self._text, run.end() - 1)
        self._position = run.end() - 1 if trimmed else run.end()
        return Type.SPACE

    def _quoted(self, quote: bytes) -> Type:
        found, pattern = _QUOTED[quote]
        literal = pattern.match(self._text, self._position)
        if not literal:
            raise _BadText(f"unterminated {quote.decode()}")
        self._position = literal.end()
        return found

    def _single(self, character: bytes) -> Type:
        self._parentheses += {b"(": 1, b")": -1}.get(character, 0)
        if self._parentheses < 0:
            raise _BadText("unexpected right parenthesis")
        self._position += 1
        return _SINGLE[character]

    def _prefixed(self, prefix: bytes) -> Type:
        """Pass `$name`, `.name`, `.5` or `:=`."""
        following = self._text[self._position + 1 : self._position + 2]
        if prefix == b":":
            if following != b"=":
                raise _BadText("expected :=")
            self._position += 2
            return Type.DECLARE
        if prefix == b"." and (not following or following in b"0123456789"):
            return self._number()
        self._position += 1
        named = not self._at_terminator()
        self._name()
        if prefix == b"$":
            return Type.VARIABLE
        return Type.FIELD if named else Type.DOT

    def _number(self) -> Type:
        self._signed_number()
        if self._text[self._position : self._position + 1] not in (b"+", b"-"):
            return Type.NUMBER
        self._signed_number()
        if not self._text.endswith(b"i", 0, self._position):
            raise _BadText("bad number syntax")
        return Type.COMPLEX

    def _signed_number(self) -> None:
        number = _NUMBER.match(self._text, self._position)
        assert number
        self._position = number.end()
        if self._name_length():
            raise _BadText("bad number syntax")

    def _word(self, first: bytes) -> Type:
        start = self._position
        if self._name_length():
            self._name()
            return KEYWORDS.get(self._text[start : self._position], Type.IDENTIFIER)
        if b" " <= first <= b"~":
            self._position += 1
            return Type.CHARACTER
        raise _BadText("unrecognized character in action")

    def _name(self) -> None:
        self._position += self._name_length()
        if not self._at_terminator():
            raise _BadText("bad character in a name")

    def _name_length(self) -> int:
        """Count the bytes of the letters, digits and underscores that follow."""
        run = _MAY_BE_NAME.match(self._text, self._position)
        if not run:
            return 0
        if run[0].isascii():
            return len(run[0])
        characters = decoded(run[0])
        length = next((at for at, one in enumerate(characters) if not is_alphanumeric(one)), len(characters))
        return len(characters[:length].encode())

    def _at_terminator(self) -> bool:
        return _TERMINATOR.match(self._text, self._position) is not None
