"""Runs before the program: removes what older builds unpacked, about 60 MB each.

The loader has put this build's `site_packages` in scope; its neighbours with the same file name are older builds. A
process that still runs one has its libraries loaded, and the pages of the newest are not touched.
"""

import shutil
from pathlib import Path

current = Path(site_packages).parent  # type: ignore[name-defined]  # noqa: F821  given by the loader
for older in current.parent.glob(current.name.rpartition("_")[0] + "_*"):
    if older != current and older.is_dir():
        shutil.rmtree(older, ignore_errors=True)
