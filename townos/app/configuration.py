"""What the operator decides: command line flags first, then `TOWN_OS_*` environment variables, then defaults."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from townos.errors import Invalid
from townos.git.url import Credentials
from townos.network.port_mapping import NetworkMode

DEFAULT_LISTEN: Final = ":5309"
LOG_LEVELS: Final = ("debug", "info", "warn", "error")


@dataclass(frozen=True, slots=True)
class Listen:
    """A TCP address; an empty host means every address of the machine."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Listen":
        """Read `:5309`, `127.0.0.1:5309` or `[::1]:5309`. Raises `Invalid`."""
        host, colon, port = text.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise Invalid("configuration.listen", text)
        return cls(host.removeprefix("[").removesuffix("]"), int(port))


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that is decided before the start; what a person changes at run time is in the settings."""

    listen: Listen
    database: Path
    btrfs: Path
    repositories: Path
    network_state: Path
    units: Path
    network_mode: NetworkMode = "bridge"
    signing_key: str | None = field(default=None, repr=False)
    default_credentials: Credentials | None = None
    test: bool = False
    test_core_url: str | None = None
    test_extras_url: str | None = None
    crash: str | None = None
    debug: bool = False
    log_level: str = "error"

    @property
    def reserve(self) -> Path:
        """The directory of what is given up when the disk has no space left."""
        return self.btrfs / "data" / "reserve"

    @property
    def seccomp(self) -> Path:
        """Where the profile is that units of containers name.

        It lasts, as volumes do: where `/etc` lasts too, systemd may start a container before this program has.
        """
        return self.btrfs / "data" / "seccomp.json"


def add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of `townos serve`; they take one dash or two."""

    def flag(name: str, default: str, text: str) -> None:
        parser.add_argument(f"-{name}", f"--{name}", default=default, help=f"{text} (default: {default or 'bridge'})")

    flag("listen", DEFAULT_LISTEN, "TCP address for the web page and the API")
    flag("db", "/town-os/data/db/system.db", "SQLite database file")
    flag("btrfs", "/town-os", "mount point of the btrfs volume")
    flag("repo-dir", "/town-os/data/repos", "directory of package repositories and installation records")
    flag("network-state", "/run/town-os", "directory of network state files")
    flag("network-mode", "", "how packages reach the network: bridge or host")
    flag("unit-dir", "/etc/systemd/system", "directory that unit files are written to")


def configuration(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Configuration:
    """Combine parsed flags and the environment. Raises `Invalid` naming what is wrong."""
    listen = arguments.listen
    if listen == DEFAULT_LISTEN:
        listen = environment.get("TOWN_OS_LISTEN") or DEFAULT_LISTEN
    return Configuration(
        listen=Listen.parse(listen),
        database=Path(arguments.db),
        btrfs=Path(arguments.btrfs),
        repositories=Path(arguments.repo_dir),
        network_state=Path(arguments.network_state),
        units=Path(arguments.unit_dir),
        network_mode=_network_mode(arguments.network_mode or environment.get("TOWN_OS_NETWORK_MODE", "")),
        signing_key=environment.get("TOWN_OS_SIGNING_KEY") or None,
        default_credentials=_credentials(environment),
        test=bool(environment.get("TOWN_OS_TEST")),
        test_core_url=environment.get("TOWN_OS_TEST_REPO_CORE_URL") or None,
        test_extras_url=environment.get("TOWN_OS_TEST_REPO_EXTRAS_URL") or None,
        crash=(environment.get("TOWN_OS_CRASH") or None) if environment.get("TOWN_OS_TEST") else None,
        debug=bool(environment.get("DEBUG")),
        log_level=_log_level(environment.get("LOG_LEVEL") or "error"),
    )


def _network_mode(text: str) -> NetworkMode:
    if text in {"", "bridge"}:
        return "bridge"
    if text == "host":
        return "host"
    raise Invalid("configuration.network_mode", text)


def _credentials(environment: Mapping[str, str]) -> Credentials | None:
    username = environment.get("TOWN_OS_REPO_USERNAME", "")
    password = environment.get("TOWN_OS_REPO_PASSWORD", "")
    if bool(username) != bool(password):
        raise Invalid("configuration.credentials")
    return Credentials(username, password) if username else None


def _log_level(text: str) -> str:
    level = text.lower()
    if level not in LOG_LEVELS:
        raise Invalid("configuration.log_level", text, ", ".join(LOG_LEVELS))
    return level


def parse(argv: Sequence[str], environment: Mapping[str, str]) -> Configuration:
    """Read the arguments of `townos serve`."""
    parser = argparse.ArgumentParser(prog="townos serve")
    add_serve_arguments(parser)
    return configuration(parser.parse_args(argv), environment)
