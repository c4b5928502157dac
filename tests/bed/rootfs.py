"""The root file system that every bed shares, read-only: Debian, adjusted so that it boots in a moment."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from tests.bed import cache, child, debian
from tests.bed.places import CACHE
from tests.bed.terminal import Say

FILES: Final = Path(__file__).with_name("files")
"""Laid over Debian's own files."""

ENABLED: Final = ("town-bed-registry.service", "town-bed-git.service")
DISABLED: Final = (
    "docker-registry.service", "nginx.service", "caddy.service", "apt-daily.timer", "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer", "systemd-pstore.service",
)  # fmt: skip
"""What Debian's packages start by themselves."""
MASKED: Final = (
    # A podman that runs before the volume is mounted remembers for good that overlays do not work there.
    "podman.service", "podman.socket", "podman-restart.service",
    "podman-auto-update.service", "podman-auto-update.timer",
    "console-getty.service", "getty.target", "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service",
)  # fmt: skip


def ready(say: Say) -> Path:
    """Return the directory of the root file system, made now if its recipe changed. The lock of building is held."""
    recipe = [*debian.PACKAGES, *debian.UNWANTED, *ENABLED, *DISABLED, *MASKED]
    files = [Path(__file__), Path(debian.__file__), *cache.tree(FILES)]
    return cache.cached("rootfs", cache.key(recipe, files), _build, say)


def _build(target: Path, say: Say) -> None:
    say("making the Debian machine that the test host boots (once; about a minute, longer on a slow line)")
    debian.bootstrap(target, CACHE / "debs")
    _seal(target)


def _seal(root: Path) -> None:
    """Turn a fresh Debian into a quick-booting lower layer that reaches nothing outside."""
    for pattern in ("etc/cni/net.d/*", "var/cache/apt/archives/*.deb", "var/lib/apt/lists/*_*"):
        for unwanted in root.glob(pattern):
            unwanted.unlink()
    for name in ("etc/resolv.conf", "etc/hostname", "etc/machine-id"):
        (root / name).unlink(missing_ok=True)
    shutil.copytree(FILES, root, dirs_exist_ok=True, symlinks=True)
    child.run(["chown", "-R", "root:root", *(str(root / path.relative_to(FILES)) for path in cache.tree(FILES))])
    (root / "town-os").mkdir(exist_ok=True)
    _systemctl(root, "disable", *DISABLED)
    _systemctl(root, "mask", *MASKED)
    _systemctl(root, "enable", *ENABLED)
    _systemctl(root, "set-default", "multi-user.target")


def _systemctl(root: Path, *arguments: str) -> None:
    child.run(["systemctl", f"--root={root}", "--quiet", *arguments])
