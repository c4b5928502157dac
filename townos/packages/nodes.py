"""A YAML document as a tree of nodes that know their lines, made in one pass and within limits.

The tree is of nodes, not of Python objects: every scalar keeps its text (a port written as 8080 is "8080", `on` stays
"on"). Nothing here calls itself for each level, and an alias is the node that it names, so that neither a deep document
nor one that repeats itself costs more than its bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from townos.errors import FieldError
from townos.limits import MANIFEST_DEPTH_MAX, MANIFEST_NODES_MAX

_TAG: Final = "tag:yaml.org,2002:"
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE: Final = "<<"


@dataclass(slots=True)
class Scalar:
    """A text. `tag` is `null` or `merge` where YAML's core schema gives it that meaning, else empty."""

    line: int
    text: str
    tag: str = ""
    literal: bool = False
    """Whether it is a block that begins with `|`, whose first line is the one after `line`."""


@dataclass(slots=True)
class Sequence:
    """A list of nodes."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Pairs of nodes, in the order of the document and with every repetition."""

    line: int
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)


Node: TypeAlias = Scalar | Sequence | Mapping


class NotReadable(Exception):
    """The document is no YAML, or more of it than is read. `line` counts from 1."""

    def __init__(self, line: int, code: str, *params: object) -> None:
        super().__init__(code)
        self.line = line
        self.problem = FieldError("yaml", code, (line, *params))


def read_document(content: bytes) -> Node | None:
    """Return the root of a document, `None` if there is nothing in it. Raises `NotReadable`."""
    import yaml

    try:
        parser = yaml.CSafeLoader(content)
        try:
            return _composed(iter(parser.get_event, None))
        finally:
            parser.dispose()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise NotReadable(mark.line + 1 if mark else 1, "package.yaml", reason) from error


def _composed(events: Iterator[Any]) -> Node | None:
    import yaml

    composer = _Composer()
    takers = {
        yaml.ScalarEvent: composer.scalar,
        yaml.MappingStartEvent: composer.mapping,
        yaml.MappingEndEvent: composer.end,
        yaml.SequenceStartEvent: composer.sequence,
        yaml.SequenceEndEvent: composer.end,
        yaml.AliasEvent: composer.alias,
    }
    for event in events:
        if take := takers.get(type(event)):
            take(event)
    return composer.root


class _Composer:
    """Puts nodes into the collections that are open. A mapping's keys and values are apart only when it ends."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[tuple[Sequence | Mapping, list[Node]]] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def scalar(self, event: Any) -> None:
        self._add(Scalar(event.start_mark.line + 1, event.value, _tag(event), event.style == "|"), event)

    def mapping(self, event: Any) -> None:
        node = Mapping(event.start_mark.line + 1)
        self._add(node, event)
        self._begin(node, [])

    def sequence(self, event: Any) -> None:
        node = Sequence(event.start_mark.line + 1)
        self._add(node, event)
        self._begin(node, node.items)

    def alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            raise NotReadable(line, "package.yaml_alias", event.anchor)
        self._add(self._anchors[event.anchor], event)

    def end(self, _event: Any) -> None:
        node, items = self._open.pop()
        if isinstance(node, Mapping):
            node.pairs = list(zip(items[::2], items[1::2], strict=True))

    def _begin(self, node: Sequence | Mapping, items: list[Node]) -> None:
        self._open.append((node, items))
        if len(self._open) > MANIFEST_DEPTH_MAX:
            raise NotReadable(node.line, "package.too_deep", MANIFEST_DEPTH_MAX)

    def _add(self, node: Node, event: Any) -> None:
        """Put a node where it belongs. The event of an alias has the anchor that the node has already."""
        self._nodes += 1
        if self._nodes > MANIFEST_NODES_MAX:
            raise NotReadable(event.start_mark.line + 1, "package.too_large", MANIFEST_NODES_MAX)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        if self._open:
            self._open[-1][1].append(node)
        elif self.root is None:
            self.root = node
        else:
            raise NotReadable(node.line, "package.yaml_documents")


def _tag(event: Any) -> str:
    if event.tag is not None:
        return str(event.tag).removeprefix(_TAG)
    if not event.implicit[0]:  # quoted, or a block
        return ""
    if event.value in _NULLS:
        return "null"
    return "merge" if event.value == _MERGE else ""
