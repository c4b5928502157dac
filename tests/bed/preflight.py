"""`make preflight-dev`: is this machine ready for development?"""

from __future__ import annotations

import os
import shutil

from tests.bed import child
from tests.bed.bed import Bed
from tests.bed.options import Options
from tests.bed.places import BedError, BedName
from tests.bed.terminal import say

_CREDENTIALS = ("TOWN_OS_REPO_USERNAME", "TOWN_OS_REPO_PASSWORD")
_BRIDGE = """\
podman run --detach --name preflight-test-nginx --publish 18080:80 docker.io/library/nginx:latest >&2 &&
curl --silent --show-error --fail --retry 20 --retry-delay 0 --retry-all-errors --output /dev/null http://127.0.0.1:18080/
"""


def run() -> int:
    """Make every check, each with a sentence about what is wrong; raise `BedError` at the first that fails."""
    if not shutil.which("mkfs.btrfs", path=child.PATH):
        raise BedError("btrfs-progs is missing: mkfs.btrfs is not in PATH; `make setup` installs it")
    for name in _CREDENTIALS:
        if not os.environ.get(name):
            raise BedError(f"{name} is not set: the default credentials of package repositories")
    bed = Bed.up(Options(name=BedName("preflight"), zipapp=None), say)
    try:
        if bed.run("command -v podman").status:
            raise BedError("podman is missing in the test host")
        bridge = bed.run(_BRIDGE)
        if bridge.status:
            raise BedError(
                f"bridge networking does not work: podman cannot publish a port\n{bridge.output}{bridge.error}"
            )
    finally:
        bed.stop()
    print("All preflight checks passed.")
    return 0
