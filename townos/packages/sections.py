"""The sections of a manifest, each from its node to the model."""

import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Final, TypeVar, cast

from townos.errors import Invalid
from townos.git.branch import BranchName
from townos.git.url import GitUrl
from townos.images import ImageDirectory, ImageReference
from townos.limits import ID_MAX
from townos.names import ArchiveName, InnerPath, TemplateName, VolumeName
from townos.packages.machines import check_vm_image, parse_cpus
from townos.packages.manifest import (
    VM_CPUS_DEFAULT,
    VM_MEMORY_DEFAULT,
    ArchiveSpec,
    GitSource,
    Note,
    NoteType,
    TemplateSpec,
    VmSpec,
    VolumeSpec,
)
from townos.packages.mounts import check_mountpoint
from townos.packages.nodes import Node, Scalar
from townos.packages.questions import Question
from townos.packages.reading import Reader, Section
from townos.packages.templates import TemplateRefused, check

T = TypeVar("T")

NOTE_TYPES: Final = frozenset({"", "url", "email", "phone"})

_ENVIRONMENT_KEY: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_QUESTION_NAME: Final = re.compile(r"[a-zA-Z0-9]+")


def read_vm(reader: Reader, node: Node) -> VmSpec:
    """Read the section `vm`."""
    section = Section(reader, node, "vm")
    image = section.marked("image", check_vm_image)
    memory = section.text("memory") or VM_MEMORY_DEFAULT
    return VmSpec(image, memory, section.gated("cpus", parse_cpus) or VM_CPUS_DEFAULT)


def read_environment(reader: Reader, node: Node | None) -> dict[str, str]:
    """Read the section `environment`."""
    environment = {}
    for key, value in reader.mapping(node, "environment").items():
        if _ENVIRONMENT_KEY.fullmatch(key) is None:
            reader.refuse(value, f"environment.{key}", "package.environment_key", key)
        environment[key] = reader.long_text(value, f"environment.{key}")
    return environment


def read_ports(reader: Reader, node: Node | None, path: str) -> dict[str, str]:
    """Read `network.external` or `network.internal`."""
    return {port: reader.text(target, f"{path}.{port}") for port, target in reader.mapping(node, path).items()}


def read_volumes(reader: Reader, node: Node | None) -> dict[VolumeName, VolumeSpec]:
    """Read the section `volumes`."""
    volumes = {}
    for key, value in reader.mapping(node, "volumes").items():
        path = f"volumes.{key}"
        name = reader.gate(value, path, VolumeName.parse, key)
        spec = _volume(reader, value, path)
        if name is not None:
            volumes[name] = spec
    return volumes


def _volume(reader: Reader, node: Node, path: str) -> VolumeSpec:
    section = Section(reader, node, path)
    return VolumeSpec(
        mountpoint=section.marked("mountpoint", check_mountpoint),
        quota=section.text("quota"),
        uid=section.gated("uid", _identity),
        gid=section.gated("gid", _identity),
        archive=section.marked("archive", _optional(ArchiveName.parse)),
        git=section.marked("git", _optional(GitUrl.parse)),
    )


def _identity(text: str) -> int | None:
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,10}", text) is None or int(text) > ID_MAX:
        raise Invalid("package.identity", ID_MAX)
    return int(text)


def _optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Make a gate that nothing may pass, too."""
    return lambda text: parse(text) if text else None


def read_archives(reader: Reader, node: Node | None, volumes: Collection[str]) -> tuple[ArchiveSpec, ...]:
    """Read the section `archives`."""
    archives = []
    for path, item in reader.items(node, "archives"):
        section = Section(reader, item, path)
        image = section.gated("image", ImageReference.parse)
        directory = section.gated("directory", ImageDirectory.parse)
        volume = section.gated("volume", partial(_defined, volumes))
        if image and directory and volume:
            archives.append(ArchiveSpec(image, directory, volume))
    return tuple(archives)


def read_git_sources(reader: Reader, node: Node | None, volumes: Collection[str]) -> tuple[GitSource, ...]:
    """Read the section `git_sources`."""
    sources = []
    for path, item in reader.items(node, "git_sources"):
        section = Section(reader, item, path)
        url, branch = section.marked("url", GitUrl.parse), section.gated("branch", _branch)
        if (volume := section.gated("volume", partial(_defined, volumes))) and branch is not None:
            sources.append(GitSource(url, branch, volume))
    return tuple(sources)


def _branch(text: str) -> str:
    """Check a branch; nothing means the remote's default."""
    return BranchName.parse(text) if text else ""


def _defined(volumes: Collection[str], text: str) -> VolumeName:
    """Return the name of one of the package's volumes."""
    if text not in volumes:
        raise Invalid("package.no_volume", text)
    return VolumeName.parse(text)


def read_templates(reader: Reader, node: Node | None, volumes: Collection[str]) -> dict[TemplateName, TemplateSpec]:
    """Read the section `templates`."""
    templates = {}
    for key, value in reader.mapping(node, "templates").items():
        path = f"templates.{key}"
        name = reader.gate(value, path, TemplateName.parse, key)
        section = Section(reader, value, path)
        spec = TemplateSpec(
            volume=section.marked("volume", partial(_defined, volumes)),
            path=section.marked("path", InnerPath.parse),
            content=_content(reader, section.fields.get("content"), f"{path}.content"),
        )
        if name is not None:
            templates[name] = spec
    return templates


def _content(reader: Reader, node: Node | None, path: str) -> str:
    content = reader.content(node, path)
    try:
        check(content)
    except TemplateRefused as error:
        assert isinstance(node, Scalar)  # nothing is no error
        before = node.line if node.literal else node.line - 1
        reader.refuse_line(before + error.place.line, path, error.code, *error.params)
    return content


def read_questions(reader: Reader, node: Node | None) -> dict[str, Question]:
    """Read the section `questions`."""
    questions = {}
    for name, value in reader.mapping(node, "questions").items():
        path = f"questions.{name}"
        if _QUESTION_NAME.fullmatch(name) is None:
            reader.refuse(value, path, "package.question_name", name)
        section = Section(reader, value, path)
        questions[name] = Question(section.line("query"), section.text("type"), section.text("default"))
    return questions


def read_notes(reader: Reader, node: Node | None) -> dict[str, Note]:
    """Read the section `notes`."""
    notes = {}
    for name, value in reader.mapping(node, "notes").items():
        section = Section(reader, value, f"notes.{name}")
        kind = section.text("type")
        if kind not in NOTE_TYPES:
            section.refuse("type", "package.note_type", kind)
        notes[name] = Note(section.long_text("value"), cast("NoteType", kind))
    return notes
