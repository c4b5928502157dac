"""What an operation is going to do, in full, before it does anything. A plan survives a restart as JSON."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from townos.encoding import builtins

T = TypeVar("T", bound=msgspec.Struct)


class PlannedVolume(msgspec.Struct, frozen=True):
    """A volume of the package and its quota in bytes; `previous_quota` is `None` if the operation makes the volume."""

    name: str
    quota: int
    previous_quota: int | None = None


class Previous(msgspec.Struct, frozen=True):
    """What a reconfiguration replaces, to be put back if it fails; the texts are empty where there was no file."""

    answers: dict[str, str]
    unit: str
    network_state: str
    running: bool


class InstallPlan(msgspec.Struct, frozen=True):
    """An installation, or the reconfiguration of an installed version if there is a `previous`."""

    digest: str
    """SHA-256 of the manifest that the plan was made from, in hexadecimal."""
    image: str
    answers: dict[str, str]
    volumes: list[PlannedVolume]
    ports: list[int]
    unit: str
    network_state: str
    watch_seconds: int
    start: bool = True
    previous: Previous | None = None


class MovedVolume(msgspec.Struct, frozen=True):
    """A volume that is kept under `uninstalled/`; `displaced` is where a data set that is there already goes."""

    name: str
    displaced: str = ""


class UninstallPlan(msgspec.Struct, frozen=True):
    """The removal of a package. `purge` deletes the volumes, else they are kept."""

    answers: dict[str, str]
    unit: str
    network_state: str
    volumes: list[MovedVolume]
    purge: bool
    running: bool
    enabled: bool = False


def stored(plan: msgspec.Struct) -> Mapping[str, Any]:
    """Return a plan as the journal keeps it."""
    built: dict[str, Any] = builtins(plan)
    return built


def read(kind: type[T], plan: Mapping[str, Any]) -> T:
    """Return a plan from the journal."""
    return msgspec.convert(plan, kind)
