"""Manifest, answers and what is known of this machine make a `Package`; all that is wrong is told at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from townos.errors import Invalid
from townos.i18n import Bytes
from townos.limits import ENVIRONMENT_VALUE_MAX_BYTES
from townos.names import ArchiveName, PackageId
from townos.network.port_mapping import PortMapping
from townos.packages.fields import Fields
from townos.packages.filling import compile_seeds, compile_templates
from townos.packages.machines import check_vm_image, parse_memory
from townos.packages.manifest import Manifest
from townos.packages.mounts import check_mountpoint
from townos.packages.notes import compile_notes
from townos.packages.package import Package, PackageVolume, Vm
from townos.packages.problems import PackageInvalid
from townos.packages.questions import PORT, PORT_MAX, converted
from townos.packages.substitution import LOCAL_EXTERNAL_HOST, LOCAL_INTERNAL_HOST
from townos.quantities import parse_bytes


@dataclass(frozen=True, slots=True)
class HostNames:
    """How other machines and this machine's applications reach it; empty when not known."""

    external: str = ""
    internal: str = ""

    def values(self) -> dict[str, str]:
        """Return the built-in variables that are known."""
        known = {LOCAL_EXTERNAL_HOST: self.external, LOCAL_INTERNAL_HOST: self.internal}
        return {name: value for name, value in known.items() if value}


def compile_package(package: PackageId, manifest: Manifest, answers: Mapping[str, str], host: HostNames) -> Package:
    """Return the compiled package. Raises `PackageInvalid` naming the questions, or the manifest's fields, in error.

    What only containers have (command, environment, seeds) is left out of a virtual machine.
    """
    fields = Fields(manifest, {**host.values(), **_values(manifest, answers)})
    container = manifest.runtime == "container"
    volumes = _volumes(fields)
    compiled = Package(
        id=package,
        image=manifest.image,
        vm=_vm(fields),
        description=manifest.description,
        supplies=manifest.supplies,
        command=manifest.command if container else (),
        environment=_environment(fields) if container else {},
        external_ports=_ports(fields, manifest.external, "network.external"),
        internal_ports=_ports(fields, manifest.internal, "network.internal"),
        volumes=volumes,
        seeds=compile_seeds(fields, volumes) if container else (),
        templates=compile_templates(fields),
    )
    _refuse_shared_ports(fields, compiled)
    _refuse_shared_mountpoints(fields, compiled)
    fields.attempt("notes", lambda: compile_notes(manifest.notes, {**host.values(), **answers}, fields.room))
    if fields.problems:
        raise PackageInvalid(sorted(fields.problems, key=lambda problem: problem[0]))
    return compiled


def _values(manifest: Manifest, answers: Mapping[str, str]) -> dict[str, str]:
    try:
        return converted(manifest.questions, answers)
    except Invalid as error:
        raise PackageInvalid([(0, problem) for problem in error.fields]) from error


def _vm(fields: Fields) -> Vm | None:
    spec = fields.manifest.vm
    if spec is None:
        return None
    image = fields.value("vm.image", spec.image, check_vm_image)
    memory = fields.value("vm.memory", spec.memory, parse_memory)
    return Vm(image, memory, spec.cpus) if image and memory else None


def _environment(fields: Fields) -> dict[str, str]:
    compiled = {}
    for name, text in sorted(fields.manifest.environment.items()):
        value = fields.value(f"environment.{name}", text, _environment_value)
        if value is not None:
            compiled[name] = value
    return compiled


def _environment_value(text: str) -> str:
    if len(text.encode()) > ENVIRONMENT_VALUE_MAX_BYTES:
        raise Invalid("package.environment_long", Bytes(ENVIRONMENT_VALUE_MAX_BYTES))
    return text


def _ports(fields: Fields, ports: Mapping[str, str], path: str) -> tuple[PortMapping, ...]:
    mappings = []
    for key, target in ports.items():
        outer = fields.value(f"{path}.{key}", key, _port)
        inner = fields.value(f"{path}.{key}", target, _port)
        if outer and inner:
            mappings.append(PortMapping(outer, inner))
    return tuple(sorted(mappings))


def _port(text: str) -> int:
    if PORT.fullmatch(text) is None or not 1 <= int(text) <= PORT_MAX:
        raise Invalid("package.port", text)
    return int(text)


def _volumes(fields: Fields) -> tuple[PackageVolume, ...]:
    compiled = []
    for name, spec in sorted(fields.manifest.volumes.items()):
        here = f"volumes.{name}"
        mountpoint = fields.value(f"{here}.mountpoint", spec.mountpoint, check_mountpoint)
        quota = fields.value(f"{here}.quota", spec.quota, parse_bytes)
        archive = fields.value(f"{here}.archive", spec.archive, ArchiveName.parse) if spec.archive else None
        if mountpoint is not None and quota is not None:
            compiled.append(PackageVolume(name, mountpoint, quota, spec.uid, spec.gid, archive))
    return tuple(compiled)


def _refuse_shared_ports(fields: Fields, package: Package) -> None:
    seen: set[int] = set()
    for mapping in package.ports:
        if mapping.external in seen:
            fields.refuse("network", "package.port_twice", mapping.external)
        seen.add(mapping.external)


def _refuse_shared_mountpoints(fields: Fields, package: Package) -> None:
    seen: set[str] = set()
    for volume in package.volumes:
        if volume.mountpoint in seen:
            fields.refuse(f"volumes.{volume.name}.mountpoint", "package.mountpoint_twice", volume.mountpoint)
        seen.add(volume.mountpoint)
