"""The first process of a bed: it mounts and wires everything in private namespaces, then becomes systemd-nspawn.

Started as `unshare --mount --net … python3 -m tests.bed.launch` with the plan as JSON on standard input. Nothing that
is done here can outlive the bed: the kernel unmounts and unwires it when the last process ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.bed import child, githttp
from tests.bed.places import CHECKOUT, SERVICE, BedError

_MEMORY_SHARE: Final = "size=50%,nr_inodes=0,mode=755"
_NSPAWN_SETTINGS: Final = {
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
    # Without this /proc/sys/net is read-only beside a network namespace that was given, and no container starts.
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
    "SYSTEMD_NSPAWN_TMPFS_TMP": "0",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one bed is made of. Paths are absolute; `files` and `zipapp` may be empty."""

    machine: str
    state: str
    cgroup: str
    layers: tuple[str, ...]
    volume: str
    zipapp: str
    unit: str
    service_settings: str
    files: str
    source: bool
    link: str
    host: str
    address: str
    nowhere: str
    caller: int

    def text(self) -> str:
        """Return the plan as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Read a plan back."""
        fields = json.loads(text)
        return cls(**{**fields, "layers": tuple(fields["layers"])})


def main() -> None:
    """Build the machine around this process and boot it."""
    plan = Plan.parse(sys.stdin.read())
    os.close(0)
    os.open(os.devnull, os.O_RDONLY)
    Path(plan.cgroup, "cgroup.procs").write_text("0")
    Path(plan.state, "supervisor").write_text(str(os.getpid()))
    root = _mount(plan)
    _wire(plan)
    _furnish(plan, root)
    argv = _nspawn(plan, root)
    os.execvpe(argv[0], argv, {**child.CLEAN, **_NSPAWN_SETTINGS})


def _mount(plan: Plan) -> Path:
    """Lay memory over the shared layers and put the btrfs volume in place."""
    memory, root = Path(plan.state, "memory"), Path(plan.state, "root")
    memory.mkdir()
    root.mkdir()
    child.run(["mount", "-t", "tmpfs", "-o", _MEMORY_SHARE, plan.machine, str(memory)])
    for name in ("upper", "work"):
        (memory / name).mkdir()
    layers = f"lowerdir={':'.join(plan.layers)},upperdir={memory}/upper,workdir={memory}/work"
    child.run(["mount", "-t", "overlay", "-o", layers, "overlay", str(root)])
    child.run(["mount", "-o", "loop,noatime", plan.volume, str(root / "town-os")])
    return root


def _wire(plan: Plan) -> None:
    """Lay a cable to the caller's network, with addresses from the start.

    The default route points at nobody, so that the bed can find its own address but no packet gets out.
    """
    outside = ["nsenter", f"--net=/proc/{plan.caller}/ns/net", "ip"]
    commands: Sequence[list[str]] = (
        ["ip", "link", "set", "lo", "up"],
        ["ip", "link", "add", "host0", "type", "veth", "peer", "name", plan.link, "netns", str(plan.caller)],
        ["ip", "address", "add", f"{plan.address}/24", "dev", "host0"],
        ["ip", "link", "set", "host0", "up"],
        ["ip", "route", "add", "default", "via", plan.nowhere],
        [*outside, "address", "add", f"{plan.host}/24", "dev", plan.link],
        [*outside, "link", "set", plan.link, "up"],
    )
    for command in commands:
        child.run(command)


def _furnish(plan: Plan, root: Path) -> None:
    """Put in what differs from bed to bed."""
    _place(Path(githttp.__file__), root / "usr/local/lib/town-bed/githttp.py")
    if plan.zipapp:
        _place(Path(plan.zipapp), root / "usr/local/bin/townos.pyz", 0o755)
        units = root / "etc/systemd/system"
        _place(Path(plan.unit), units / SERVICE)
        wants = units / "multi-user.target.wants" / SERVICE
        wants.parent.mkdir(parents=True, exist_ok=True)
        wants.symlink_to(f"../{SERVICE}")
        settings = units / f"{SERVICE}.d" / "bed.conf"
        settings.parent.mkdir()
        settings.write_text(plan.service_settings)
    if plan.files:
        _lay_over(Path(plan.files), root)


def _place(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def _lay_over(files: Path, root: Path) -> None:
    """Copy a directory's contents over the bed's, owned by root, with their modes; links to directories stay links."""
    names = sorted(path.name for path in files.iterdir())
    if not names:
        return
    pack = ["tar", "-C", str(files), "--create", "--", *(f"./{name}" for name in names)]
    unpack = [
        "tar",
        "-C",
        str(root),
        "--extract",
        "--preserve-permissions",
        "--no-same-owner",
        "--keep-directory-symlink",
    ]
    with subprocess.Popen(pack, env=child.CLEAN, stdout=subprocess.PIPE) as packing:
        unpacked = subprocess.run(unpack, env=child.CLEAN, stdin=packing.stdout, check=False).returncode
    if packing.returncode or unpacked:
        raise BedError(f"cannot copy {files} over the bed's files")


def _nspawn(plan: Plan, root: Path) -> list[str]:
    return [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        "--keep-unit",
        "--register=no",
        f"--machine={plan.machine}",
        "--hostname=town-os",
        f"--directory={root}",
        f"--network-namespace-path=/proc/{os.getpid()}/ns/net",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--capability=all",
        "--system-call-filter=@keyring bpf perf_event_open",
        "--console=pipe",
        "--notify-ready=no",
        *([f"--bind-ro={CHECKOUT}"] if plan.source else []),
    ]


if __name__ == "__main__":
    main()
