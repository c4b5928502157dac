"""What the parser knows while it reads: the tokens ahead, and the variables that are in sight."""

from collections import Counter, deque
from typing import Final, NoReturn

from townos.packages.gotemplate.errors import Place, Stage, TemplateInvalid
from townos.packages.gotemplate.lexing import Lexer
from townos.packages.gotemplate.tokens import Token, Type

_KEPT: Final = 4


class TokenStream:
    """The tokens of a text. A few of them can be given back."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._tokens = Lexer(text).tokens()
        self._ahead: list[Token] = []
        self._passed = deque([Token(Type.EOF, b"", 0)], maxlen=_KEPT)

    def next(self) -> Token:
        """Take the next token. At the end it is an `EOF`, again and again."""
        token = self._ahead.pop() if self._ahead else next(self._tokens, self._passed[-1])
        self._passed.append(token)
        return token

    def back(self) -> None:
        """Give back the token that was taken last."""
        self._ahead.append(self._passed.pop())

    def give_back(self, token: Token) -> None:
        """Put a token in front of the others."""
        self._ahead.append(token)

    def peek(self) -> Token:
        """Look at the next token."""
        token = self.next()
        self.back()
        return token

    def next_after_space(self) -> Token:
        """Take the next token that is no space."""
        while (token := self.next()).type is Type.SPACE:
            pass
        return token

    def peek_after_space(self) -> Token:
        """Pass spaces, and look at the token behind them."""
        token = self.next_after_space()
        self.back()
        return token

    def expect(self, expected: Type, context: str) -> Token:
        """Take the next token that is no space, which must be of a type."""
        token = self.next_after_space()
        if token.type is not expected:
            self.refuse(token, context)
        return token

    def refuse(self, token: Token, context: str) -> NoReturn:
        """Fail because of a token."""
        message = token.text.decode() if token.type is Type.ERROR else f"unexpected {token} in {context}"
        self._fail_at(token, message)

    def fail(self, message: str) -> NoReturn:
        """Fail at the token that was taken last."""
        self._fail_at(self._passed[-1], message)

    def _fail_at(self, token: Token, message: str) -> NoReturn:
        raise TemplateInvalid(Stage.PARSE, Place.at(self._text, token.position), message)


class Scope:
    """The variables that a pipeline may use, and the number of loops that it is in, within one template."""

    def __init__(self) -> None:
        self.loops = 0
        self._names = [b"$"]
        self._visible = Counter(self._names)

    def declare(self, name: bytes) -> None:
        """Bring a variable in sight. Go takes an assignment for a declaration here; the executor knows better."""
        self._names.append(name)
        self._visible[name] += 1

    def knows(self, name: bytes) -> bool:
        """Tell whether a variable is in sight."""
        return self._visible[name] > 0

    def mark(self) -> int:
        """Remember which variables are in sight."""
        return len(self._names)

    def forget(self, mark: int) -> None:
        """Take all variables out of sight that came since a mark."""
        while len(self._names) > mark:
            self._visible[self._names.pop()] -= 1
