"""A pytest plugin: temporary files lie in memory where there is room, unless TMPDIR says otherwise.

On a disk, tests that write databases and repositories would wait for it four fifths of their time.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 * 1024**3


def pytest_configure() -> None:
    """Choose before the first temporary directory is made. The processes that are started inherit the choice."""
    if "TMPDIR" in os.environ or not MEMORY.is_mount() or shutil.disk_usage(MEMORY).free < ENOUGH_BYTES:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None
