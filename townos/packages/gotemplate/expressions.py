"""What stands within an action: pipelines, commands and operands."""

from typing import Final

from townos.packages.gotemplate.constants import character_constant, complex_constant, number_constant
from townos.packages.gotemplate.functions import FUNCTIONS
from townos.packages.gotemplate.nodes import (
    Chain,
    Command,
    Constant,
    Dot,
    Field,
    Identifier,
    Nil,
    Operand,
    Pipeline,
    Variable,
)
from townos.packages.gotemplate.quoting import BadConstant, unquoted
from townos.packages.gotemplate.routines import Routine
from townos.packages.gotemplate.stream import Scope, TokenStream
from townos.packages.gotemplate.tokens import Token, Type

_MAX_NESTED_PARENTHESES: Final = 10_000
"""As in Go."""

_NUMBERS: Final = {
    Type.CHARACTER_CONSTANT: character_constant,
    Type.COMPLEX: complex_constant,
    Type.NUMBER: number_constant,
}
_STRINGS: Final = (Type.STRING, Type.RAW_STRING)
_STARTS_COMMAND: Final = {
    *_NUMBERS,
    *_STRINGS,
    Type.BOOL,
    Type.DOT,
    Type.FIELD,
    Type.IDENTIFIER,
    Type.NIL,
    Type.VARIABLE,
    Type.LEFT_PARENTHESIS,
}


class ExpressionParser:
    """Reads pipelines. Those in parentheses nest, so they are read by routines."""

    def __init__(self, stream: TokenStream) -> None:
        self._stream = stream
        self._parentheses = 0

    def pipeline(self, context: str, end: Type, scope: Scope) -> Routine[Pipeline]:
        """Read a pipeline with the token that ends it. `context` is the word that it stands behind."""
        variables, assigns = self._variables(context, scope)
        commands: list[Command] = []
        while (token := self._stream.next_after_space()).type is not end:
            if token.type not in _STARTS_COMMAND:
                self._stream.refuse(token, context)
            self._stream.back()
            command: Command = yield self._command(scope)
            commands.append(command)
        if not commands:
            self._stream.fail(f"a value is missing in {context}")
        if any(isinstance(command.operands[0], Constant | Nil | Dot) for command in commands[1:]):
            self._stream.fail("only a function can take the result of a pipeline")
        return Pipeline(tuple(commands), variables, assigns)

    def string(self, token: Token) -> bytes:
        """Return what a string constant stands for."""
        try:
            return unquoted(token.text)
        except BadConstant as error:
            self._stream.fail(f"{error}: {token}")

    def _variables(self, context: str, scope: Scope) -> tuple[tuple[bytes, ...], bool]:
        """Read what stands before `:=` or `=`, if anything. Two variables are for `range` only."""
        names: list[bytes] = []
        while self._stream.peek_after_space().type is Type.VARIABLE:
            variable = self._stream.next()
            adjacent = self._stream.peek()
            following = self._stream.peek_after_space()
            if following.type not in (Type.ASSIGN, Type.DECLARE) and following.text != b",":
                if adjacent.type is Type.SPACE:
                    self._stream.give_back(adjacent)
                self._stream.give_back(variable)
                break
            self._stream.next()
            names.append(variable.text)
            scope.declare(variable.text)
            if following.type is not Type.CHARACTER:
                return tuple(names), following.type is Type.ASSIGN
            if context != "range" or len(names) > 1:
                self._stream.fail(f"too many variables in {context}")
            expected = (Type.VARIABLE, Type.RIGHT_DELIMITER, Type.RIGHT_PARENTHESIS)
            if self._stream.peek_after_space().type not in expected:
                self._stream.fail("range can only set variables")
        return tuple(names), False

    def _command(self, scope: Scope) -> Routine[Command]:
        position = self._stream.peek_after_space().position
        operands: list[Operand] = []
        while True:
            first = self._stream.next_after_space()
            term: Operand | None
            if first.type is Type.LEFT_PARENTHESIS:
                term = yield self._parenthesized(scope)
            else:
                term = self._term(first, scope)
            if term is None:
                self._stream.back()
            else:
                operands.append(self._with_fields(term))
            token = self._stream.next()
            if token.type in (Type.RIGHT_DELIMITER, Type.RIGHT_PARENTHESIS):
                self._stream.back()
                break
            if token.type is Type.PIPE:
                break
            if token.type is not Type.SPACE:
                self._stream.refuse(token, "a command")
        return Command(tuple(operands), position)

    def _parenthesized(self, scope: Scope) -> Routine[Pipeline]:
        if self._parentheses >= _MAX_NESTED_PARENTHESES:
            self._stream.fail("parentheses are nested too deeply")
        self._parentheses += 1
        pipeline: Pipeline = yield self.pipeline("parentheses", Type.RIGHT_PARENTHESIS, scope)
        self._parentheses -= 1
        return pipeline

    def _term(self, token: Token, scope: Scope) -> Operand | None:
        """Return the operand that a token is, or `None` if it is none."""
        if token.type in _NUMBERS or token.type in _STRINGS or token.type is Type.BOOL:
            return self._constant(token)
        if token.type is Type.IDENTIFIER:
            name = token.text.decode("utf-8", "replace")
            if name not in FUNCTIONS:
                self._stream.fail(f'there is no function "{name}"')
            return Identifier(name, token.position)
        if token.type is Type.VARIABLE:
            if not scope.knows(token.text):
                self._stream.fail(f"undefined variable {token}")
            return Variable(token.text)
        if token.type is Type.FIELD:
            return Field((token.text[1:],))
        words: dict[Type, Operand] = {Type.DOT: Dot(), Type.NIL: Nil()}
        return words.get(token.type)

    def _constant(self, token: Token) -> Constant:
        if token.type is Type.BOOL:
            return Constant(token.text == b"true")
        if token.type in _STRINGS:
            return Constant(self.string(token))
        try:
            return Constant(_NUMBERS[token.type](token.text))
        except BadConstant as error:
            self._stream.fail(f"{error}: {token}")

    def _with_fields(self, term: Operand) -> Operand:
        """Add the fields that follow an operand without a space."""
        path: list[bytes] = []
        while self._stream.peek().type is Type.FIELD:
            path.append(self._stream.next().text[1:])
        if not path:
            return term
        if isinstance(term, Field):
            return Field((*term.path, *path))
        if isinstance(term, Variable):
            return Variable(term.name, tuple(path))
        if not isinstance(term, Pipeline | Identifier):
            self._stream.fail("a constant has no fields")
        return Chain(term, tuple(path))
