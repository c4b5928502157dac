"""The storage page in a window, and an archive to put somewhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from tests.e2e.browser import Window
from tests.support.archives import directory, member, packed

MB: Final = 1024 * 1024
WORK_MS: Final = 60_000
SLOW_BYTES_PER_SECOND: Final = MB
"""So slow that the browser shows an upload of some megabytes while it goes on."""


def write_album(folder: Path) -> Path:
    """Write an archive of a small file and one of five megabytes that nothing can make smaller."""
    archive = folder / "album.tar"
    noise = member("album/noise", os.urandom(5 * MB))
    archive.write_bytes(packed(directory("album"), member("album/rome.txt", b"the forum\n"), noise))
    return archive


def go_to_storage(web: Window) -> None:
    """Open the page from any other one."""
    web.page.get_by_role("complementary").get_by_role("link", name="Storage").click()
    expect(web.heading("Storage")).to_be_visible()
    expect(web.page.get_by_role("meter", name="Disk space")).to_be_visible()


@contextmanager
def slow_uploads(web: Window) -> Iterator[None]:
    """Slow down what the browser sends."""
    session = web.page.context.new_cdp_session(web.page)
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW_BYTES_PER_SECOND}
    session.send("Network.emulateNetworkConditions", speed)
    try:
        yield
    finally:
        session.send("Network.emulateNetworkConditions", {**speed, "uploadThroughput": -1})
