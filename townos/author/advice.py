"""What can be installed but was hardly meant so."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from townos.errors import FieldError
from townos.packages.manifest import Manifest
from townos.packages.substitution import LOCAL_EXTERNAL_HOST, LOCAL_INTERNAL_HOST

_MARKER: Final = re.compile(r"@([a-zA-Z0-9_]+)(?=@)")
_BUILT_IN: Final = frozenset({LOCAL_EXTERNAL_HOST, LOCAL_INTERNAL_HOST})


def advice(manifest: Manifest) -> Iterator[FieldError]:
    """Yield what the author of a manifest should look at again."""
    if not manifest.description:
        yield FieldError("description", "check.no_description")
    yield from _images(manifest)
    yield from _left_out(manifest)
    yield from _filled_twice(manifest)
    yield from _questions(manifest)
    yield from _markers(manifest)


def _images(manifest: Manifest) -> Iterator[FieldError]:
    named = [("image", manifest.image or "")]
    named += [(f"archives[{index}].image", archive.image) for index, archive in enumerate(manifest.archives)]
    yield from (FieldError(path, "check.latest", (image,)) for path, image in named if image.endswith(":latest"))


def _left_out(manifest: Manifest) -> Iterator[FieldError]:
    """Yield what only containers have, of a virtual machine."""
    if manifest.runtime == "container":
        return
    sections = {
        "command": manifest.command,
        "environment": manifest.environment,
        "archives": manifest.archives,
        "git_sources": manifest.git_sources,
    }
    yield from (FieldError(name, "check.container_only") for name, content in sections.items() if content)
    for name, volume in manifest.volumes.items():
        seeds = {"archive": volume.archive, "git": volume.git}
        yield from (FieldError(f"volumes.{name}.{key}", "check.container_only") for key, seed in seeds.items() if seed)


def _filled_twice(manifest: Manifest) -> Iterator[FieldError]:
    filled = Counter(archive.volume for archive in manifest.archives)
    filled.update(source.volume for source in manifest.git_sources)
    filled.update(name for name, volume in manifest.volumes.items() for seed in (volume.archive, volume.git) if seed)
    yield from (FieldError(f"volumes.{name}", "check.filled_twice") for name, number in filled.items() if number > 1)


def _questions(manifest: Manifest) -> Iterator[FieldError]:
    used = {name for _, text in _fields(manifest) for name in _MARKER.findall(text)}
    contents = "\n".join(template.content for template in manifest.templates.values())
    for name, question in manifest.questions.items():
        if not question.query:
            yield FieldError(f"questions.{name}.query", "check.no_query")
        if name not in used and not re.search(rf"\b{name}\b", contents):
            yield FieldError(f"questions.{name}", "check.unused")


def _markers(manifest: Manifest) -> Iterator[FieldError]:
    known = manifest.questions.keys() | _BUILT_IN
    for path, text in _fields(manifest):
        for name in dict.fromkeys(_MARKER.findall(text)):
            if name not in known:
                yield FieldError(path, "check.unknown_marker", (name,))
    for index, word in enumerate(manifest.command):
        for name in dict.fromkeys(_MARKER.findall(word)):
            if name in known:
                yield FieldError(f"command[{index}]", "check.marker_in_command", (name,))


def _fields(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every field that answers are put into."""
    yield from ((f"environment.{name}", text) for name, text in manifest.environment.items())
    for side, ports in (("external", manifest.external), ("internal", manifest.internal)):
        yield from ((f"network.{side}.{outer}", f"{outer} {inner}") for outer, inner in ports.items())
    for volume, spec in manifest.volumes.items():
        texts = {"mountpoint": spec.mountpoint, "quota": spec.quota, "archive": spec.archive, "git": spec.git}
        yield from ((f"volumes.{volume}.{name}", text) for name, text in texts.items())
    yield from ((f"git_sources[{index}].url", source.url) for index, source in enumerate(manifest.git_sources))
    for template, file in manifest.templates.items():
        yield from ((f"templates.{template}.volume", file.volume), (f"templates.{template}.path", file.path))
    if manifest.vm:
        yield from (("vm.image", manifest.vm.image), ("vm.memory", manifest.vm.memory))
    yield from ((f"notes.{name}.value", note.value) for name, note in manifest.notes.items())
