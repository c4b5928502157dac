"""What can be chosen about a bed, and the environment variables that choose it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bed.places import ZIPAPP, BedError, BedName


@dataclass(frozen=True, slots=True)
class Options:
    """`port` 0 is any free port; `ports` are more ports of the bed to carry to this machine's loopback, same number.

    `zipapp` None boots a bed without the program. `source` binds the checkout read-only at its own path.
    """

    name: BedName = field(default_factory=lambda: BedName("bed"))
    port: int = 0
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    files: Path | None = None
    zipapp: Path | None = ZIPAPP
    source: bool = False

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Options:
        """Read BED_NAME, _PORT, _ENV, _KEEP, _FILES and _SOURCE; raise `BedError` naming what is wrong."""
        files = environment.get("BED_FILES", "")
        if files and not Path(files).is_dir():
            raise BedError(f"BED_FILES names no directory: {files}")
        return cls(
            name=BedName.parse(environment.get("BED_NAME") or "bed"),
            port=_port(environment.get("BED_PORT") or "0"),
            environment=_variables(environment.get("BED_ENV", "")),
            keep=environment.get("BED_KEEP") == "1",
            files=Path(files).resolve() if files else None,
            source=environment.get("BED_SOURCE") == "1",
        )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise BedError(f"BED_PORT is a port number, not {text!r}")
    return int(text)


def _variables(text: str) -> dict[str, str]:
    """Split `K=V K2="two words"` as a shell would, but expand nothing."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise BedError(f"BED_ENV cannot be read: {error}") from error
    pairs = [word.partition("=") for word in words]
    for key, equals, _ in pairs:
        if not equals or not key.isidentifier():
            raise BedError(f"BED_ENV is a list of NAME=VALUE, and {key!r} is not one")
    return {key: value for key, _, value in pairs}


def service_settings(environment: Mapping[str, str]) -> str:
    """Return the drop-in that gives the service these variables, quoted for systemd."""
    lines = (f"Environment={_quoted(f'{key}={value}')}\n" for key, value in environment.items())
    return "[Service]\n" + "".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'
