"""From the bytes of a manifest to a `Manifest`, with everything that is wrong named at once."""

from contextlib import suppress

from townos.images import ImageReference
from townos.packages import sections
from townos.packages.manifest import Manifest, VmSpec
from townos.packages.nodes import Node, NotReadable, Scalar, read_document
from townos.packages.problems import ManifestInvalid
from townos.packages.reading import ROOT, Enough, Reader, present


def load_manifest(content: bytes, source: str) -> Manifest:
    """Read a manifest; `source` (`nginx/1.0`) names it in errors. Raises `ManifestInvalid`."""
    reader = Reader()
    manifest = None
    try:
        root = read_document(content)
    except NotReadable as error:
        raise ManifestInvalid(source, [(error.line, error.problem)]) from error
    with suppress(Enough):
        manifest = _manifest(reader, root)
    if reader.problems or manifest is None:
        raise ManifestInvalid(source, sorted(reader.problems, key=lambda problem: problem[0]))
    return manifest


def _manifest(reader: Reader, root: Node | None) -> Manifest | None:
    if root is None or not present(root):
        reader.refuse_line(1, ROOT, "package.empty")
        return None
    fields = reader.mapping(root, ROOT)
    network = reader.mapping(fields.get("network"), "network")
    image, vm = _runtime(reader, root, fields)
    volumes = sections.read_volumes(reader, fields.get("volumes"))
    return Manifest(
        image=image,
        vm=vm,
        description=reader.line(fields.get("description"), "description"),
        supplies=tuple(reader.text(item, path) for path, item in reader.items(fields.get("supplies"), "supplies")),
        command=tuple(reader.long_text(item, path) for path, item in reader.items(fields.get("command"), "command")),
        environment=sections.read_environment(reader, fields.get("environment")),
        external=sections.read_ports(reader, network.get("external"), "network.external"),
        internal=sections.read_ports(reader, network.get("internal"), "network.internal"),
        volumes=volumes,
        archives=sections.read_archives(reader, fields.get("archives"), volumes),
        git_sources=sections.read_git_sources(reader, fields.get("git_sources"), volumes),
        templates=sections.read_templates(reader, fields.get("templates"), volumes),
        questions=sections.read_questions(reader, fields.get("questions")),
        notes=sections.read_notes(reader, fields.get("notes")),
        lines=reader.lines,
    )


def _runtime(reader: Reader, root: Node, fields: dict[str, Node]) -> tuple[ImageReference | None, VmSpec | None]:
    """Read what runs the package: exactly one of a container image and a virtual machine."""
    image, vm = (fields[name] if _given(fields.get(name)) else None for name in ("image", "vm"))
    if image and vm:
        reader.refuse(vm, "vm", "package.two_runtimes")
    elif not image and not vm:
        reader.refuse(root, "image", "package.no_runtime")
    return (
        reader.gate(image, "image", ImageReference.parse, reader.text(image, "image")) if image else None,
        sections.read_vm(reader, vm) if vm else None,
    )


def _given(node: Node | None) -> bool:
    """Tell whether there is something: an empty text is the same as nothing."""
    return present(node) and not (isinstance(node, Scalar) and not node.text)
