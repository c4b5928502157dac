"""Manifest, answers and what is known of this machine make a `Package`; all that is wrong is told at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from townos.errors import FieldError, Invalid, TownError
from townos.limits import ENVIRONMENT_VALUE_MAX_BYTES
from townos.names import PackageId, VolumeName
from townos.packages.manifest import Manifest, VolumeSpec
from townos.packages.mounts import check_mountpoint
from townos.packages.notes import compile_notes
from townos.packages.package import Package, PackageVolume
from townos.packages.questions import PORT, PORT_MAX, converted
from townos.packages.substitution import LOCAL_EXTERNAL_HOST, LOCAL_INTERNAL_HOST, Room, substitute
from townos.ports import PortMapping
from townos.quantities import parse_bytes

T = TypeVar("T")


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
    """Return the compiled package. Raises `Invalid` naming the questions, or the manifest's fields, that are wrong."""
    values = {**host.values(), **converted(manifest.questions, answers)}
    compilation = _Compilation(values)
    compiled = Package(
        id=package,
        image=manifest.image,
        description=manifest.description,
        supplies=manifest.supplies,
        command=manifest.command,
        environment=compilation.environment(manifest.environment),
        external_ports=compilation.ports(manifest.external, "network.external"),
        internal_ports=compilation.ports(manifest.internal, "network.internal"),
        volumes=compilation.volumes(manifest.volumes),
    )
    compilation.refuse_shared_ports(compiled)
    compilation.refuse_shared_mountpoints(compiled)
    compilation.attempt("notes", lambda: compile_notes(manifest.notes, {**host.values(), **answers}, compilation.room))
    if compilation.errors:
        raise Invalid("package.responses", len(compilation.errors), fields=compilation.errors)
    return compiled


@dataclass(slots=True)
class _Compilation:
    values: Mapping[str, str]
    room: Room = field(default_factory=Room)
    errors: list[FieldError] = field(default_factory=list)

    def environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        compiled = {}
        for name, text in sorted(environment.items()):
            path = f"environment.{name}"
            value = self.attempt(path, lambda text=text: self._inserted(text))  # type: ignore[misc]
            if value is None:
                continue
            if len(value.encode()) > ENVIRONMENT_VALUE_MAX_BYTES:
                self.errors.append(FieldError(path, "package.environment_long", (ENVIRONMENT_VALUE_MAX_BYTES,)))
            compiled[name] = value
        return compiled

    def _inserted(self, text: str) -> str:
        return substitute(text, self.values, self.room)

    def ports(self, ports: Mapping[str, str], path: str) -> tuple[PortMapping, ...]:
        mappings = []
        for key, value in ports.items():
            here = f"{path}.{key}"
            outer = self.attempt(here, lambda text=key: self._port(text))  # type: ignore[misc]
            inner = self.attempt(here, lambda text=value: self._port(text))  # type: ignore[misc]
            if outer and inner:
                mappings.append(PortMapping(outer, inner))
        return tuple(sorted(mappings))

    def _port(self, text: str) -> int:
        port = self._inserted(text)
        if PORT.fullmatch(port) is None or not 1 <= int(port) <= PORT_MAX:
            raise Invalid("package.port", port)
        return int(port)

    def volumes(self, volumes: Mapping[VolumeName, VolumeSpec]) -> tuple[PackageVolume, ...]:
        compiled = [self._volume(name, spec) for name, spec in sorted(volumes.items())]
        return tuple(volume for volume in compiled if volume)

    def _volume(self, name: VolumeName, spec: VolumeSpec) -> PackageVolume | None:
        here = f"volumes.{name}"
        mountpoint = self.attempt(f"{here}.mountpoint", lambda: check_mountpoint(self._inserted(spec.mountpoint)))
        quota = self.attempt(f"{here}.quota", lambda: parse_bytes(self._inserted(spec.quota)))
        if mountpoint is None or quota is None:
            return None
        return PackageVolume(name, mountpoint, quota, spec.uid, spec.gid)

    def refuse_shared_ports(self, package: Package) -> None:
        seen: set[int] = set()
        for mapping in package.ports:
            if mapping.external in seen:
                self.errors.append(FieldError("network", "package.port_twice", (mapping.external,)))
            seen.add(mapping.external)

    def refuse_shared_mountpoints(self, package: Package) -> None:
        seen: set[str] = set()
        for volume in package.volumes:
            if volume.mountpoint in seen:
                path = f"volumes.{volume.name}.mountpoint"
                self.errors.append(FieldError(path, "package.mountpoint_twice", (volume.mountpoint,)))
            seen.add(volume.mountpoint)

    def attempt(self, path: str, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except TownError as error:
            self.errors += error.fields or [FieldError(path, error.code, error.params)]
            return None
