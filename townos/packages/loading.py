"""From the bytes of a manifest to a `Manifest`, with everything that is wrong named at once.

The YAML is read as a tree of nodes, not as Python objects: every scalar keeps its text (a port written as 8080 is
"8080", `on` stays "on"), errors know their lines, and aliases cannot make the document grow. What is read of it is
counted, repetitions by aliases and merging included, and reading ends where that gets too much.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NoReturn, TypeVar

from townos.errors import FieldError, Invalid, TownError
from townos.images import ImageReference
from townos.limits import (
    ID_MAX,
    MANIFEST_DEPTH_MAX,
    MANIFEST_ENTRIES_MAX,
    MANIFEST_ERRORS_MAX,
    MANIFEST_EXPANDED_MAX_CHARS,
    MANIFEST_NAME_MAX_CHARS,
    MANIFEST_NODES_MAX,
    MANIFEST_PAIRS_MAX,
    MANIFEST_TEXT_MAX_CHARS,
)
from townos.names import VolumeName
from townos.packages.manifest import Manifest, Note, VolumeSpec
from townos.packages.mounts import check_mountpoint
from townos.packages.questions import Question
from townos.texts import CONTROL, CONTROL_BUT_BREAKS

T = TypeVar("T")

NOTE_TYPES: Final = frozenset({"", "url", "email", "phone"})
NOT_SUPPORTED: Final = ("vm", "archives", "git_sources", "templates")
NOT_SUPPORTED_IN_VOLUMES: Final = ("archive", "git")

_ENVIRONMENT_KEY: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_QUESTION_NAME: Final = re.compile(r"[a-zA-Z0-9]+")
_NULL_TAG: Final = "tag:yaml.org,2002:null"
_MERGE_KEY: Final = "<<"
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"


class ManifestInvalid(Invalid):
    """A manifest that cannot be used. `lines` has the line of each field error, counted from 1."""

    def __init__(self, source: str, problems: list[tuple[int, FieldError]]) -> None:
        self.source = source
        self.lines = tuple(line for line, _ in problems)
        told = "; ".join(f"{error.name}: {error.text()}" for _, error in problems)
        super().__init__("package.manifest", source, told, fields=(error for _, error in problems))


class _Enough(Exception):
    """More is not read: there is too much of it, or too much is wrong."""


def load_manifest(content: bytes, source: str) -> Manifest:
    """Read a manifest; `source` (`nginx/1.0`) names it in errors. Raises `ManifestInvalid`."""
    reader = _Reader()
    manifest = None
    node = _parsed(content, source)
    with suppress(_Enough):
        manifest = reader.manifest(node)
    if reader.problems or manifest is None:
        raise ManifestInvalid(source, sorted(reader.problems, key=lambda problem: problem[0]))
    return manifest


def _parsed(content: bytes, source: str) -> Any:
    import yaml

    try:
        _refuse_excess(yaml.parse(content, Loader=yaml.CSafeLoader), source)
        return yaml.compose(content, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise ManifestInvalid(source, [(line, FieldError("yaml", "package.yaml", (line, reason)))]) from error


def _refuse_excess(events: Iterator[Any], source: str) -> None:
    """Stop before the composer: it calls itself for each level, which ends the process, and keeps every node."""
    import yaml

    depth = nodes = 0
    for event in events:
        nodes += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        line = event.start_mark.line + 1
        if depth > MANIFEST_DEPTH_MAX:
            raise ManifestInvalid(source, [(line, FieldError("yaml", "package.too_deep", (line, MANIFEST_DEPTH_MAX)))])
        if nodes > MANIFEST_NODES_MAX:
            raise ManifestInvalid(source, [(line, FieldError("yaml", "package.too_large", (line, MANIFEST_NODES_MAX)))])


class _Reader:
    """Walks the nodes and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, FieldError]] = []
        self._pairs_left = MANIFEST_PAIRS_MAX
        self._characters_left = MANIFEST_EXPANDED_MAX_CHARS

    def manifest(self, node: Any) -> Manifest | None:
        fields = self._mapping(node, "manifest")
        for name in NOT_SUPPORTED:
            if self._present(fields.get(name)):
                self._refuse(fields[name], name, "package.not_supported", name)
        network = self._mapping(fields.get("network"), "network")
        image = self._image(node, fields)
        manifest = Manifest(
            image=image or ImageReference("none"),
            description=self._text(fields.get("description"), "description"),
            supplies=tuple(self._texts(fields.get("supplies"), "supplies", self._text)),
            command=tuple(self._texts(fields.get("command"), "command", self._long_text)),
            environment=self._environment(fields.get("environment")),
            external=self._ports(network.get("external"), "network.external"),
            internal=self._ports(network.get("internal"), "network.internal"),
            volumes=self._volumes(fields.get("volumes")),
            questions=self._questions(fields.get("questions")),
            notes=self._notes(fields.get("notes")),
        )
        return manifest if image else None

    def _image(self, node: Any, fields: Mapping[str, Any]) -> ImageReference | None:
        if self._present(fields.get("vm")):
            return None  # named already
        text = self._text(fields.get("image"), "image")
        return self._gate(fields.get("image") or node, "image", lambda: ImageReference.parse(text))

    def _environment(self, node: Any) -> dict[str, str]:
        environment = {}
        for key, value in self._mapping(node, "environment").items():
            if _ENVIRONMENT_KEY.fullmatch(key) is None:
                self._refuse(value, f"environment.{key}", "package.environment_key", key)
            environment[key] = self._long_text(value, f"environment.{key}")
        return environment

    def _ports(self, node: Any, path: str) -> dict[str, str]:
        return {port: self._text(target, f"{path}.{port}") for port, target in self._mapping(node, path).items()}

    def _volumes(self, node: Any) -> dict[VolumeName, VolumeSpec]:
        volumes = {}
        for key, value in self._mapping(node, "volumes").items():
            path = f"volumes.{key}"
            name = self._gate(value, path, lambda key=key: VolumeName.parse(key))  # type: ignore[misc]
            spec = self._volume(value, path)
            if name is not None:
                volumes[name] = spec
        return volumes

    def _volume(self, node: Any, path: str) -> VolumeSpec:
        fields = self._mapping(node, path)
        for name in NOT_SUPPORTED_IN_VOLUMES:
            if self._present(fields.get(name)):
                self._refuse(fields[name], f"{path}.{name}", "package.not_supported", name)
        mountpoint = self._text(fields.get("mountpoint"), f"{path}.mountpoint")
        if "@" not in mountpoint:
            self._gate(fields.get("mountpoint") or node, f"{path}.mountpoint", lambda: check_mountpoint(mountpoint))
        uid, gid = (self._identity(fields.get(name), f"{path}.{name}") for name in ("uid", "gid"))
        return VolumeSpec(mountpoint, self._text(fields.get("quota"), f"{path}.quota"), uid, gid)

    def _identity(self, node: Any, path: str) -> int | None:
        text = self._text(node, path)
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > ID_MAX:
            self._refuse(node, path, "package.identity", ID_MAX)
            return None
        return int(text)

    def _questions(self, node: Any) -> dict[str, Question]:
        questions = {}
        for name, value in self._mapping(node, "questions").items():
            path = f"questions.{name}"
            if _QUESTION_NAME.fullmatch(name) is None:
                self._refuse(value, path, "package.question_name", name)
            fields = self._mapping(value, path)
            query, kind, default = (
                self._text(fields.get(key), f"{path}.{key}") for key in ("query", "type", "default")
            )
            questions[name] = Question(query, kind, default)
        return questions

    def _notes(self, node: Any) -> dict[str, Note]:
        notes = {}
        for name, value in self._mapping(node, "notes").items():
            path = f"notes.{name}"
            fields = self._mapping(value, path)
            kind = self._text(fields.get("type"), f"{path}.type")
            if kind not in NOTE_TYPES:
                self._refuse(value, f"{path}.type", "package.note_type", kind)
            notes[name] = Note(self._long_text(fields.get("value"), f"{path}.value"), kind)
        return notes

    def _mapping(self, node: Any, path: str) -> dict[str, Any]:
        """Return the nodes of a mapping by key; an absent one is empty."""
        if not self._present(node):
            if path == "manifest":
                self._refuse(node, path, "package.empty")
            return {}
        if node.id != "mapping":
            self._refuse(node, path, "package.mapping")
            return {}
        entries: dict[str, Any] = {}
        for key, value in self._pairs(node, path):
            if len(entries) == MANIFEST_ENTRIES_MAX:
                self._refuse(node, path, "package.too_many", MANIFEST_ENTRIES_MAX)
                return {}
            if key in entries:
                self._refuse(value, f"{path}.{key}", "package.duplicate_key", key)
            entries[key] = value
        return entries

    def _pairs(self, node: Any, path: str) -> Iterator[tuple[str, Any]]:
        for key, value in self._entries(node, path):
            self._pairs_left -= 1
            if self._pairs_left < 0:
                self._end(key, path, "package.too_many_pairs", MANIFEST_PAIRS_MAX)
            if key.id != "scalar" or CONTROL.search(key.value) or len(key.value) > MANIFEST_NAME_MAX_CHARS:
                self._refuse(key, path, "package.key", MANIFEST_NAME_MAX_CHARS)
            else:
                self._count(key, path)
                yield key.value, value

    def _entries(self, node: Any, path: str) -> Iterator[tuple[Any, Any]]:
        """Yield a mapping's own entries, which win, then those merged into it; one level of merging."""
        own = [(key, value) for key, value in node.value if key.tag != _MERGE_TAG]
        names = {key.value for key, _ in own if key.id == "scalar"}
        yield from own
        merged = [(key, value) for key, value in node.value if key.tag == _MERGE_TAG]
        for key, _ in merged[1:]:
            self._refuse(key, f"{path}.{_MERGE_KEY}", "package.duplicate_key", _MERGE_KEY)
        for _, value in merged[:1]:
            if value.id == "mapping":
                yield from (pair for pair in value.value if pair[0].id != "scalar" or pair[0].value not in names)

    def _texts(self, node: Any, path: str, one: Callable[[Any, str], str]) -> list[str]:
        if not self._present(node):
            return []
        if node.id != "sequence" or len(node.value) > MANIFEST_ENTRIES_MAX:
            self._refuse(node, path, "package.list", MANIFEST_ENTRIES_MAX)
            return []
        return [one(item, f"{path}[{index}]") for index, item in enumerate(node.value)]

    def _text(self, node: Any, path: str) -> str:
        """Return a text without control characters; an absent one is empty."""
        text = self._long_text(node, path)
        if CONTROL.search(text):
            self._refuse(node, path, "package.control")
        return text

    def _long_text(self, node: Any, path: str) -> str:
        """Return a text that may hold newlines and tabs."""
        if not self._present(node):
            return ""
        if node.id != "scalar":
            self._refuse(node, path, "package.text")
            return ""
        text = str(node.value)
        self._count(node, path)
        if CONTROL_BUT_BREAKS.search(text):
            self._refuse(node, path, "package.control")
        if len(text) > MANIFEST_TEXT_MAX_CHARS:
            self._refuse(node, path, "package.text_too_long", MANIFEST_TEXT_MAX_CHARS)
            return ""
        return text

    def _present(self, node: Any) -> bool:
        return node is not None and node.tag != _NULL_TAG

    def _gate(self, node: Any, path: str, check: Callable[[], T]) -> T | None:
        try:
            return check()
        except TownError as error:
            self._refuse(node, path, error.code, *error.params)
            return None

    def _count(self, node: Any, path: str) -> None:
        self._characters_left -= len(node.value)
        if self._characters_left < 0:
            self._end(node, path, "package.expanded", MANIFEST_EXPANDED_MAX_CHARS)

    def _end(self, node: Any, path: str, code: str, *params: object) -> NoReturn:
        self._refuse(node, path, code, *params)
        raise _Enough

    def _refuse(self, node: Any, path: str, code: str, *params: object) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.problems.append((line, FieldError(path, code, params)))
        if len(self.problems) >= MANIFEST_ERRORS_MAX:
            raise _Enough
