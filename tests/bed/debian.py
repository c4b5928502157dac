"""Debian: the packages a bed is made of, and unpacking them into a directory."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.bed import child
from tests.bed.places import CACHE, BedError

SUITE: Final = "bookworm"

SYSTEM: Final = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "iproute2",
    "iputils-ping",
    "procps",
    "findutils",
    "util-linux",
    "mount",
)
CONTAINERS: Final = ("podman", "crun", "conmon", "netavark", "aardvark-dns", "iptables", "nftables")
STORAGE: Final = ("btrfs-progs", "e2fsprogs", "tar", "gzip", "pigz", "bzip2", "lbzip2", "xz-utils", "zstd")
MACHINES: Final = ("qemu-system-x86", "qemu-utils")
TOOLS: Final = ("python3", "python3-venv", "git", "curl", "socat", "ca-certificates", "tzdata", "strace")
IMAGES: Final = ("docker-registry", "nginx-light", "busybox-static", "caddy")
PACKAGES: Final = (*SYSTEM, *CONTAINERS, *STORAGE, *MACHINES, *TOOLS, *IMAGES)

UNWANTED: Final = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")
_TAIL_LINES: Final = 20


def bootstrap(target: Path, debs: Path) -> None:
    """Install `PACKAGES` into `target`, a directory that does not exist; keep the downloaded packages in `debs`.

    Raises `BedError` with the end of the log.
    """
    debs.mkdir(parents=True, exist_ok=True)
    _make(target, "minbase", PACKAGES, _hooks(debs))


def extract(target: Path, packages: Iterable[str]) -> None:
    """Unpack packages, with all that they depend on, into `target`, a directory that does not exist; run nothing.

    Raises `BedError` with the end of the log.
    """
    _make(target, "extract", packages, ())


def _make(target: Path, variant: str, packages: Iterable[str], hooks: Iterable[str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    log = CACHE / "mmdebstrap.log"
    with log.open("w") as output:
        status = subprocess.run(
            _mmdebstrap(target, variant, packages, hooks),
            env=child.inherited(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
    if status:
        shutil.rmtree(target, ignore_errors=True)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
        raise BedError(f"mmdebstrap could not unpack Debian (all of it: {log}):\n{tail}")


def _hooks(debs: Path) -> Iterable[str]:
    """Take packages that were downloaded before from `debs`, and put new ones there."""
    downloads = '"$1/var/cache/apt/archives"'
    kept = _quoted(debs)
    reuse = f'mkdir -p {downloads}; find {kept} -name "*.deb" -exec cp -n -t {downloads} {{}} +'
    keep = f'find {downloads} -maxdepth 1 -name "*.deb" -exec cp -n -t {kept} {{}} +'
    return ("--skip=essential/unlink", f"--setup-hook={reuse}", f"--customize-hook={keep}")


def _mmdebstrap(target: Path, variant: str, packages: Iterable[str], hooks: Iterable[str]) -> list[str]:
    sources = _write_sources(CACHE / "sources.list")
    return [
        "mmdebstrap",
        "--mode=root",
        f"--variant={variant}",
        "--components=main",
        '--aptopt=Acquire::Languages "none"',
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--aptopt={line}" for line in _proxies()),
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in UNWANTED),
        *hooks,
        f"--include={','.join(packages)}",
        SUITE,
        str(target),
        *([str(sources)] if sources else []),
    ]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"


def _write_sources(path: Path) -> Path | None:
    """Name the mirrors that this machine itself takes Debian from; None leaves the choice to mmdebstrap."""
    form = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
    listed = child.run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"])
    fields = (line.split("|") for line in dict.fromkeys(listed.splitlines()))
    lines = [
        f"deb {uri} {release} main"
        for origin, uri, release, component in fields
        if origin == "Debian" and component == "main" and re.match(rf"{SUITE}(?!-backports)", release)
    ]
    if not any(line.endswith(f" {SUITE} main") for line in lines):
        return None
    path.write_text("\n".join(lines) + "\n")
    return path


def _proxies() -> Iterable[str]:
    """Return this machine's proxy settings for apt, which mmdebstrap does not read by itself."""
    dump = child.run(["apt-config", "dump", "--format", '%F "%v";%n', "Acquire"])
    return [line for line in dump.splitlines() if re.match(r"Acquire::https?::Proxy", line)]
