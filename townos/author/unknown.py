"""Keys that mean nothing: most of them are misspelt, the others belong to a newer version of Town OS."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from townos.errors import FieldError
from townos.packages.nodes import Mapping, Node, Scalar, Sequence

_MANIFEST: Final = (
    "archives command description environment git_sources image network notes questions supplies templates vm volumes"
)
_KEYS: Final = {
    (): _MANIFEST.split(),
    ("vm",): ["image", "memory", "cpus"],
    ("network",): ["external", "internal"],
    ("volumes", "*"): ["mountpoint", "quota", "uid", "gid", "archive", "git"],
    ("archives", "*"): ["image", "directory", "volume"],
    ("git_sources", "*"): ["url", "branch", "volume"],
    ("templates", "*"): ["volume", "path", "content"],
    ("questions", "*"): ["query", "type", "default"],
    ("notes", "*"): ["value", "type"],
}
"""The keys of each mapping whose keys are not names of the author's own."""


def unknown_keys(root: Node | None) -> Iterator[tuple[int, FieldError]]:
    """Yield the line of each unknown key, and what it may have meant."""
    for place, known in _KEYS.items():
        for path, mapping in _found(root, place, ""):
            for key, _ in mapping.pairs:
                if isinstance(key, Scalar) and key.text not in known and not key.tag:
                    yield key.line, _unknown(f"{path}.{key.text}".removeprefix("."), key.text, known)


def _unknown(path: str, key: str, known: list[str]) -> FieldError:
    close = get_close_matches(key, known, n=1)
    return FieldError(path, "check.misspelt", (close[0],)) if close else FieldError(path, "check.unknown_key")


def _found(node: Node | None, place: tuple[str, ...], path: str) -> Iterator[tuple[str, Mapping]]:
    """Yield the mappings at a place; `*` stands for every entry of a mapping or list."""
    if not place:
        if isinstance(node, Mapping):
            yield path, node
        return
    for key, inner in _entries(node):
        if place[0] in {"*", key}:
            yield from _found(inner, place[1:], f"{path}{'' if key.startswith('[') else '.'}{key}".removeprefix("."))


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        yield from ((key.text, inner) for key, inner in node.pairs if isinstance(key, Scalar))
    elif isinstance(node, Sequence):
        yield from ((f"[{index}]", inner) for index, inner in enumerate(node.items))
