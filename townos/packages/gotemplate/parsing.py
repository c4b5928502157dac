"""The tree of a template from its text: texts, control structures and definitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from townos.packages.gotemplate.expressions import ExpressionParser
from townos.packages.gotemplate.nodes import (
    NAME,
    Action,
    Body,
    If,
    Invocation,
    Leave,
    Node,
    Pipeline,
    Range,
    Text,
    Tree,
    With,
)
from townos.packages.gotemplate.routines import Routine, run
from townos.packages.gotemplate.runes import is_space
from townos.packages.gotemplate.stream import Scope, TokenStream
from townos.packages.gotemplate.tokens import Token, Type

_LEAVES: Final = {Type.BREAK: Leave.BREAK, Type.CONTINUE: Leave.CONTINUE}
_Branch = If | With | Range
_BRANCHES: Final[Mapping[Type, type[_Branch]]] = {Type.IF: If, Type.WITH: With, Type.RANGE: Range}
_CHAINABLE: Final = (Type.IF, Type.WITH)


def parsed(text: bytes) -> Tree:
    """Read all templates of a text. Raises `TemplateInvalid`."""
    parser = _Parser(TokenStream(text))
    run(parser.template())
    return Tree(text, parser.templates)


@dataclass(frozen=True, slots=True)
class _End:
    """What ends a body: `end` or `else`, with the `if` or `with` that may follow it in the same action."""

    token: Token
    chained: Type | None = None


class _Parser:
    """Reads one text. What is nested is read by routines, as Go allows it at any depth."""

    def __init__(self, stream: TokenStream) -> None:
        self._stream = stream
        self._expressions = ExpressionParser(stream)
        self.templates: dict[bytes, Body] = {}

    def template(self) -> Routine[None]:
        """Read the whole text. Only here may templates be defined."""
        scope = Scope()
        nodes: list[Node] = []
        while self._stream.peek().type is not Type.EOF:
            first = self._stream.next()
            if first.type is Type.LEFT_DELIMITER and self._stream.next_after_space().type is Type.DEFINE:
                yield self._definition()
                continue
            if first.type is Type.LEFT_DELIMITER:
                self._stream.back()
            node: Node | _End = yield self._text_or_action(first, scope)
            if isinstance(node, _End):
                self._stream.refuse(node.token, "the template")
            nodes.append(node)
        self._add(NAME, tuple(nodes))

    def _definition(self) -> Routine[None]:
        name = self._name("define")
        self._stream.expect(Type.RIGHT_DELIMITER, "define")
        yield self._named_body(name, "define")

    def _named_body(self, name: bytes, context: str) -> Routine[None]:
        """Read the body of a template of its own: it sees no variables but `$`, and no loop around it."""
        body: tuple[Body, _End] = yield self._body(Scope())
        nodes, end = body
        if end.token.type is not Type.END:
            self._stream.refuse(end.token, context)
        self._add(name, nodes)

    def _add(self, name: bytes, body: Body) -> None:
        """Keep a template. One that is empty gives way to any other of its name; two that are not are an error."""
        if _is_empty(self.templates.get(name, ())):
            self.templates[name] = body
        elif not _is_empty(body):
            self._stream.fail(f'template "{name.decode("utf-8", "replace")}" is defined more than once')

    def _body(self, scope: Scope) -> Routine[tuple[Body, _End]]:
        nodes: list[Node] = []
        while True:
            node: Node | _End = yield self._text_or_action(self._stream.next_after_space(), scope)
            if isinstance(node, _End):
                return tuple(nodes), node
            nodes.append(node)

    def _text_or_action(self, first: Token, scope: Scope) -> Routine[Node | _End]:
        if first.type is Type.TEXT:
            return Text(first.text)
        if first.type is not Type.LEFT_DELIMITER:
            self._stream.refuse(first, "the template")
        keyword = self._stream.next_after_space()
        if keyword.type in _LEAVES:
            return self._leave(keyword, scope)
        if keyword.type in (Type.END, Type.ELSE):
            return self._end(keyword)
        node: Node = yield self._action(keyword, scope)
        return node

    def _action(self, keyword: Token, scope: Scope) -> Routine[Node]:
        if keyword.type in _BRANCHES:
            return self._branch(keyword.type, scope)
        if keyword.type is Type.BLOCK:
            return self._block(scope)
        if keyword.type is Type.TEMPLATE:
            return self._invocation(keyword, scope)
        self._stream.back()
        return self._printing(scope)

    def _printing(self, scope: Scope) -> Routine[Action]:
        pipeline: Pipeline = yield self._expressions.pipeline("command", Type.RIGHT_DELIMITER, scope)
        return Action(pipeline)

    def _end(self, keyword: Token) -> _End:
        """Read the rest of `end` or `else`. The `if` of an `else if` is left in the stream."""
        if keyword.type is Type.ELSE and self._stream.peek_after_space().type in _CHAINABLE:
            return _End(keyword, self._stream.peek_after_space().type)
        self._stream.expect(Type.RIGHT_DELIMITER, keyword.text.decode())
        return _End(keyword)

    def _leave(self, keyword: Token, scope: Scope) -> Leave:
        self._stream.expect(Type.RIGHT_DELIMITER, keyword.text.decode())
        if not scope.loops:
            self._stream.fail(f"{keyword} outside of a range")
        return _LEAVES[keyword.type]

    def _branch(self, keyword: Type, scope: Scope) -> Routine[_Branch]:
        visible = scope.mark()
        pipeline: Pipeline = yield self._expressions.pipeline(keyword.name.lower(), Type.RIGHT_DELIMITER, scope)
        is_loop = keyword is Type.RANGE
        scope.loops += is_loop
        body: tuple[Body, _End] = yield self._body(scope)
        scope.loops -= is_loop
        nodes, end = body
        otherwise: Body = ()
        if end.token.type is Type.ELSE:
            otherwise = yield self._otherwise(keyword, end, scope)
        scope.forget(visible)
        return _BRANCHES[keyword](pipeline, nodes, otherwise)

    def _otherwise(self, keyword: Type, start: _End, scope: Scope) -> Routine[Body]:
        if start.chained is keyword:
            self._stream.next_after_space()
            chained: If | With = yield self._branch(keyword, scope)
            return (chained,)
        body: tuple[Body, _End] = yield self._body(scope)
        nodes, end = body
        if end.token.type is not Type.END:
            self._stream.refuse(end.token, "else")
        return nodes

    def _block(self, scope: Scope) -> Routine[Invocation]:
        position = self._stream.peek_after_space().position
        name = self._name("block")
        pipeline: Pipeline = yield self._expressions.pipeline("block", Type.RIGHT_DELIMITER, scope)
        yield self._named_body(name, "block")
        return Invocation(name, pipeline, position)

    def _invocation(self, keyword: Token, scope: Scope) -> Routine[Invocation]:
        name = self._name("template")
        if self._stream.peek_after_space().type is Type.RIGHT_DELIMITER:
            self._stream.next_after_space()
            return Invocation(name, None, keyword.position)
        pipeline: Pipeline = yield self._expressions.pipeline("template", Type.RIGHT_DELIMITER, scope)
        return Invocation(name, pipeline, keyword.position)

    def _name(self, context: str) -> bytes:
        token = self._stream.next_after_space()
        if token.type not in (Type.STRING, Type.RAW_STRING):
            self._stream.refuse(token, context)
        return self._expressions.string(token)


def _is_empty(body: Body) -> bool:
    return all(isinstance(node, Text) and is_space(node.text) for node in body)
