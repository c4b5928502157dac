"""What a template's text is made of."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Type(Enum):
    """The type of a token. Keywords come last."""

    ERROR = auto()
    EOF = auto()
    TEXT = auto()
    LEFT_DELIMITER = auto()
    RIGHT_DELIMITER = auto()
    LEFT_PARENTHESIS = auto()
    RIGHT_PARENTHESIS = auto()
    SPACE = auto()
    PIPE = auto()
    ASSIGN = auto()
    DECLARE = auto()
    CHARACTER = auto()  # any other ASCII character, of which only the comma means something
    BOOL = auto()
    CHARACTER_CONSTANT = auto()
    COMPLEX = auto()
    NUMBER = auto()
    STRING = auto()
    RAW_STRING = auto()
    IDENTIFIER = auto()
    FIELD = auto()
    VARIABLE = auto()
    DOT = auto()
    NIL = auto()
    BLOCK = auto()
    BREAK = auto()
    CONTINUE = auto()
    DEFINE = auto()
    ELSE = auto()
    END = auto()
    IF = auto()
    RANGE = auto()
    TEMPLATE = auto()
    WITH = auto()


KEYWORDS: Final = {
    b"block": Type.BLOCK,
    b"break": Type.BREAK,
    b"continue": Type.CONTINUE,
    b"define": Type.DEFINE,
    b"else": Type.ELSE,
    b"end": Type.END,
    b"false": Type.BOOL,
    b"if": Type.IF,
    b"nil": Type.NIL,
    b"range": Type.RANGE,
    b"template": Type.TEMPLATE,
    b"true": Type.BOOL,
    b"with": Type.WITH,
}


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the byte at which it starts. The text of an `ERROR` is its message."""

    type: Type
    text: bytes
    position: int

    def __str__(self) -> str:
        """Name the token in a message."""
        if self.type is Type.EOF:
            return "end of the template"
        return f'"{self.text[:20].decode("utf-8", "replace")}"'
