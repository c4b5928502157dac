"""Reading values out of a document: what is wrong is collected, and what is read of it is counted.

Repetitions by aliases and merging are counted wherever they are, and reading ends where that gets too much.
"""

import re
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from townos.errors import FieldError, TownError
from townos.limits import (
    MANIFEST_ENTRIES_MAX,
    MANIFEST_ERRORS_MAX,
    MANIFEST_EXPANDED_MAX_CHARS,
    MANIFEST_NAME_MAX_CHARS,
    MANIFEST_PAIRS_MAX,
    MANIFEST_TEXT_MAX_CHARS,
)
from townos.packages.nodes import Mapping, Node, Scalar, Sequence
from townos.packages.problems import Problem
from townos.packages.substitution import may_have_markers
from townos.texts import CONTROL, CONTROL_BUT_BREAKS

T = TypeVar("T")

ROOT: Final = "manifest"
"""The path of the whole document; those of its fields are their names alone."""


class Enough(Exception):
    """More is not read: there is too much of it, or too much is wrong."""


class Reader:
    """Reads the nodes of one document. `problems` and the `lines` of all paths that were read are collected."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}
        self._pairs_left = MANIFEST_PAIRS_MAX
        self._characters_left = MANIFEST_EXPANDED_MAX_CHARS

    def mapping(self, node: Node | None, path: str) -> dict[str, Node]:
        """Return the nodes of a mapping by key; an absent one is empty."""
        if node is None or not present(node):
            return {}
        if not isinstance(node, Mapping):
            self.refuse(node, path, "package.mapping")
            return {}
        prefix = "" if path == ROOT else f"{path}."
        entries: dict[str, Node] = {}
        for key, value in self._pairs(node, path):
            if not isinstance(key, Scalar) or len(key.text) > MANIFEST_NAME_MAX_CHARS or _holds(CONTROL, key.text):
                self.refuse(key, path, "package.key", MANIFEST_NAME_MAX_CHARS)
                continue
            self._count(key, path)
            if len(entries) == MANIFEST_ENTRIES_MAX:
                self.refuse(node, path, "package.too_many", MANIFEST_ENTRIES_MAX)
                return {}
            if key.text in entries:
                self.refuse(value, f"{path}.{key.text}", "package.duplicate_key", key.text)
            entries[key.text] = value
            self.lines[prefix + key.text] = key.line
        return entries

    def items(self, node: Node | None, path: str) -> list[tuple[str, Node]]:
        """Return the nodes of a list with their paths; an absent one is empty."""
        if node is None or not present(node):
            return []
        if not isinstance(node, Sequence) or len(node.items) > MANIFEST_ENTRIES_MAX:
            self.refuse(node, path, "package.list", MANIFEST_ENTRIES_MAX)
            return []
        items = [(f"{path}[{index}]", item) for index, item in enumerate(node.items)]
        self.lines.update((here, item.line) for here, item in items)
        return items

    def text(self, node: Node | None, path: str) -> str:
        """Return a text without control characters; an absent one is empty."""
        return self._without(CONTROL, node, path)

    def long_text(self, node: Node | None, path: str) -> str:
        """Return a text that may hold newlines and tabs; an absent one is empty."""
        return self._without(CONTROL_BUT_BREAKS, node, path)

    def line(self, node: Node | None, path: str) -> str:
        """Return a text for people on one line: with line breaks or tabs in it, all its white space becomes spaces."""
        text = self.long_text(node, path)
        return " ".join(text.split()) if _holds(CONTROL, text) else text

    def content(self, node: Node | None, path: str) -> str:
        """Return a text that may hold everything but NUL; an absent one is empty."""
        if node is None or not present(node):
            return ""
        if not isinstance(node, Scalar):
            self.refuse(node, path, "package.text")
            return ""
        self._count(node, path)
        if len(node.text) > MANIFEST_TEXT_MAX_CHARS:
            self.refuse(node, path, "package.text_too_long", MANIFEST_TEXT_MAX_CHARS)
            return ""
        if "\0" in node.text:
            self.refuse(node, path, "package.control")
            return ""
        return node.text

    def gate(self, node: Node, path: str, parse: Callable[[str], T], text: str) -> T | None:
        """Return what `parse` makes of a text; its `TownError` becomes a problem and `None`."""
        try:
            return parse(text)
        except TownError as error:
            self.refuse(node, path, error.code, *error.params)
            return None

    def refuse(self, node: Node, path: str, code: str, *params: object) -> None:
        """Add a problem with a node. Raises `Enough` when there are too many."""
        self.refuse_line(node.line, path, code, *params)

    def refuse_line(self, line: int, path: str, code: str, *params: object) -> None:
        """Add a problem with a line. Raises `Enough` when there are too many."""
        self.problems.append((line, FieldError(path, code, params)))
        if len(self.problems) >= MANIFEST_ERRORS_MAX:
            raise Enough

    def _without(self, forbidden: re.Pattern[str], node: Node | None, path: str) -> str:
        text = self.content(node, path)
        if node is not None and _holds(forbidden, text):
            self.refuse(node, path, "package.control")
        return text

    def _pairs(self, node: Mapping, path: str) -> list[tuple[Node, Node]]:
        """Return a mapping's own entries, which win, then those merged into it; one level of merging."""
        pairs = [pair for pair in node.pairs if not _is_merge(pair[0])]
        if len(pairs) < len(node.pairs):
            pairs += self._merged(node, path)
        self._pairs_left -= len(pairs)
        if self._pairs_left < 0:
            self._end(node, path, "package.too_many_pairs", MANIFEST_PAIRS_MAX)
        return pairs

    def _merged(self, node: Mapping, path: str) -> list[tuple[Node, Node]]:
        merges = [pair for pair in node.pairs if _is_merge(pair[0])]
        for key, _ in merges[1:]:
            self.refuse(key, f"{path}.<<", "package.duplicate_key", "<<")
        own = {key.text for key, _ in node.pairs if isinstance(key, Scalar)}
        source = merges[0][1]
        if not isinstance(source, Mapping):
            return []
        return [pair for pair in source.pairs if not isinstance(pair[0], Scalar) or pair[0].text not in own]

    def _count(self, node: Scalar, path: str) -> None:
        self._characters_left -= len(node.text)
        if self._characters_left < 0:
            self._end(node, path, "package.expanded", MANIFEST_EXPANDED_MAX_CHARS)

    def _end(self, node: Node, path: str, code: str, *params: object) -> NoReturn:
        self.refuse(node, path, code, *params)
        raise Enough


class Section:
    """A mapping of the document: its fields by name, those that are absent at the place of the mapping itself."""

    def __init__(self, reader: Reader, node: Node, path: str) -> None:
        self.fields = reader.mapping(node, path)
        self._reader = reader
        self._node = node
        self._path = path

    def text(self, name: str) -> str:
        """Return a text without control characters."""
        return self._reader.text(self.fields.get(name), f"{self._path}.{name}")

    def long_text(self, name: str) -> str:
        """Return a text that may hold newlines and tabs."""
        return self._reader.long_text(self.fields.get(name), f"{self._path}.{name}")

    def line(self, name: str) -> str:
        """Return a text for people on one line."""
        return self._reader.line(self.fields.get(name), f"{self._path}.{name}")

    def gated(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Return what `parse` makes of a text; its `TownError` becomes a problem and `None`."""
        node = self.fields.get(name, self._node)
        return self._reader.gate(node, f"{self._path}.{name}", parse, self.text(name))

    def marked(self, name: str, parse: Callable[[str], object]) -> str:
        """Return a text, checked with `parse` if no answer can change it any more."""
        text = self.text(name)
        if not may_have_markers(text):
            self._reader.gate(self.fields.get(name, self._node), f"{self._path}.{name}", parse, text)
        return text

    def refuse(self, name: str, code: str, *params: object) -> None:
        """Add a problem with a field."""
        self._reader.refuse(self.fields.get(name, self._node), f"{self._path}.{name}", code, *params)


def present(node: Node | None) -> bool:
    """Tell whether there is a value: null is the same as absent."""
    return node is not None and not (isinstance(node, Scalar) and node.tag == "null")


def _is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.tag == "merge"


def _holds(forbidden: re.Pattern[str], text: str) -> bool:
    """Look for control characters: what is printable has none, which is much quicker to see."""
    return not text.isprintable() and forbidden.search(text) is not None
