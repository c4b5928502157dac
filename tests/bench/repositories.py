"""Package repositories of any size, with manifests like those that people write, on a git server of their own."""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bed.githttp import serve

VERSIONS: Final = ("1.0", "1.1")
SETTINGS: Final = ("user.name=bench", "user.email=bench@example.org", "init.defaultBranch=main")

MANIFEST: Final = """\
image: "nginx:{version}"
description: Package number {number}, which keeps the photographs, documents and calendars of a household
supplies: [web, storage, calendar]
command: [serve, --config, /etc/package.conf, --verbose]
environment:
  SITE_NAME: "@site@"
  ADMIN_PASSWORD: "@password@"
  DATABASE_URL: "sqlite:////data/package-{number}.db"
  LOG_LEVEL: info
network:
  external:
    "@port@": "8080"
    "@sshport@": "22"
  internal:
    "9000": "9000"
volumes:
  data:
    mountpoint: /data
    quota: "@size@"
    uid: 1000
    gid: 1000
  config:
    mountpoint: /etc/package
    quota: 100mb
  uploads:
    mountpoint: /srv/uploads
questions:
  site:
    query: What should the site be called?
    default: Our home
  password:
    query: Which password should the first administrator have?
    type: secret
  port:
    query: On which port should the web page answer?
    type: port
    default: "8080"
  sshport:
    query: On which port should SSH answer?
    type: port
  size:
    query: How much space may the data take?
    type: bytes
    default: 10gb
notes:
  address:
    value: "http://@LOCAL_INTERNAL_HOST@:@port@"
    type: url
  clone:
    value: "ssh://git@@LOCAL_INTERNAL_HOST@:@sshport@"
    type: url
  login:
    value: Sign in as admin with the password that you chose.
"""


@dataclass(frozen=True, slots=True)
class Upstream:
    """One repository: where it is served, and a working tree to push from."""

    name: str
    url: str
    work: Path

    def push(self, number: int, description: str) -> None:
        """Commit and push a change of one manifest, in its highest version."""
        path = manifest_path(self.work, number, VERSIONS[-1])
        path.write_text(f"{_manifest(number, VERSIONS[-1])}# {description}\n".replace("which keeps", description))
        _git(self.work, "commit", "-q", "-a", "-m", description)
        _git(self.work, "push", "-q", "origin", "main")


def manifest_path(checkout: Path, number: int, version: str) -> Path:
    """Return where a manifest is in a checkout."""
    return checkout / "packages" / f"package-{number:05}" / f"{version}.yaml"


@contextmanager
def git_host(packages: dict[str, int]) -> Iterator[Sequence[Upstream]]:
    """Serve package repositories, by name with so many packages each."""
    with tempfile.TemporaryDirectory(prefix="townos-bench-git-") as directory:
        base = Path(directory)
        for name, count in packages.items():
            _make(base, name, count)
        with serve(base / "bare") as server:
            yield [Upstream(name, server.url(f"{name}.git"), base / "work" / name) for name in packages]


def _make(base: Path, name: str, count: int) -> None:
    work, bare = base / "work" / name, base / "bare" / f"{name}.git"
    for number in range(count):
        for version in VERSIONS:
            path = manifest_path(work, number, version)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_manifest(number, version))
    _git(work, "init", "-q")
    _git(work, "add", ".")
    _git(work, "commit", "-q", "-m", "Packages")
    _git(work, "clone", "-q", "--bare", str(work), str(bare))
    _git(bare, "config", "gc.auto", "0")  # it would still be at work when the directory is removed
    _git(work, "remote", "add", "origin", str(bare))


def _manifest(number: int, version: str) -> str:
    return MANIFEST.format(number=number, version=version)


def _git(work: Path, *command: str) -> None:
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    subprocess.run(["git", *settings, *command], cwd=work, check=True)
