"""libgit2's process-wide settings: one isolated configuration, made once when this module is imported.

The library has one set of settings for the whole process, so nothing here depends on a client. No system, user or
program-wide configuration file is ever read; what belongs to a client's home is read by `identity` and, for SSH,
switched under `townos.git.ssh_home`.
"""

from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import ConfigLevel

from townos.limits import (
    GIT_CONNECT_TIMEOUT_SECONDS,
    GIT_MAPPED_LIMIT_BYTES,
    GIT_OBJECT_CACHE_BYTES,
    GIT_SILENCE_TIMEOUT_SECONDS,
)

NOWHERE: Final = "/nonexistent"
CA_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",
)


def _configure() -> None:
    settings = pygit2.settings
    for level in (ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL, ConfigLevel.PROGRAMDATA):
        settings.search_path[level] = ""
    settings.homedir = NOWHERE
    # We run as root on directories of service users; the paths are ours, so another owner is no sign of an attack.
    settings.owner_validation = False
    settings.enable_fsync_gitdir(value=True)  # a home machine loses power without notice
    settings.server_connect_timeout = int(GIT_CONNECT_TIMEOUT_SECONDS * 1000)
    settings.server_timeout = int(GIT_SILENCE_TIMEOUT_SECONDS * 1000)
    settings.cache_max_size(GIT_OBJECT_CACHE_BYTES)
    settings.mwindow_mapped_limit = GIT_MAPPED_LIMIT_BYTES
    # The path that Python was built with need not exist on this distribution.
    bundle = next((path for path in CA_BUNDLES if Path(path).is_file()), None)
    if bundle is not None:
        settings.set_ssl_cert_locations(bundle, None)


def use_ssh_home(home: Path) -> None:
    """Let libgit2 find `known_hosts` below this home; only while `townos.git.ssh_home` is held."""
    pygit2.settings.homedir = str(home)


_configure()
