"""Package volumes and VM images in a real browser, on a desktop and on a phone."""

import io
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.appliance import Appliance, appliance
from tests.e2e.browser import DESKTOP, PHONE, Window, window
from tests.e2e.keeper import STAY
from tests.e2e.storage_page import MB, WORK_MS, go_to_storage, write_album
from tests.e2e.test_virtual_machines import serving

pytestmark = pytest.mark.timeout(240)

MANIFEST: Final = f"""
description: Keeps files
image: busybox
command: [sh, -c, "{STAY}"]
volumes: {{data: {{mountpoint: /data, quota: 50mb}}}}
"""
UNIT: Final = "town-os-package--files-keeper-1.0"
DATA: Final = "/town-os/installed/files/keeper/1.0/data"


@pytest.fixture(scope="module")
def town() -> Iterator[Appliance]:
    """An appliance with an administrator, and a package that keeps files."""
    with appliance("webpkg") as booted:
        booted.package_repository("files", {"packages/keeper/1.0.yaml": MANIFEST})
        booted.wait_for_boot()
        booted.admin().post("/packages/install", repo="files", name="keeper", version="1.0", responses={})
        yield booted


def started(town: Appliance) -> str:
    return town.bed.check(f"systemctl show --value --property=ActiveEnterTimestampMonotonic {UNIT}").strip()


def see_what_belongs_to_the_package(web: Window) -> None:
    package = web.page.get_by_role("button", name=re.compile("^keeper"))
    expect(package).to_contain_text("from files · 1 volume · 1 version")
    package.click()
    web.button("Modify data of keeper 1.0").click()
    dialog = web.dialog("Modify data of keeper 1.0")
    for text in ("keeper, version 1.0", "Installed", f"{UNIT}.service"):
        expect(dialog.get_by_text(text, exact=True)).to_be_visible()
    expect(dialog.get_by_label("Name", exact=True)).to_have_count(0)
    dialog.get_by_label("Size limit").fill("60")
    dialog.get_by_role("button", name="Save").click()
    expect(package).to_contain_text("of 60 MB used")


def upload_while_it_stands_still(web: Window, town: Appliance, album: Path) -> None:
    before = started(town)
    web.button("Upload to data of keeper 1.0").click()
    dialog = web.dialog("Upload to data of keeper 1.0")
    dialog.get_by_label("Archive").set_input_files(album)
    dialog.get_by_label("Directory inside the volume (optional)").fill("in/here")
    dialog.get_by_role("checkbox", name="Stop keeper during the upload").click()
    dialog.get_by_role("button", name="Upload", exact=True).click()
    done = web.page.get_by_role("dialog", name="The files are in data of keeper 1.0")
    expect(done).to_be_visible(timeout=WORK_MS)
    done.get_by_text("Close", exact=True).click()
    assert started(town) != before
    assert town.bed.check(f"cat {DATA}/in/here/album/rome.txt") == "the forum\n"


def put_all_of_it_back(web: Window, town: Appliance) -> None:
    before = started(town)
    web.button("Snapshots of data of keeper 1.0").click()
    dialog = web.dialog("Snapshots of data of keeper 1.0")
    dialog.get_by_role("button", name=re.compile("^Restore the snapshot")).click()
    question = web.dialog("Restore data of keeper 1.0?")
    expect(question.get_by_text("keeper stops for a moment and starts again automatically.")).to_be_visible()
    question.get_by_role("button", name="Restore").click()
    restored = web.page.get_by_role("dialog", name="data of keeper 1.0 has been restored")
    expect(restored).to_be_visible(timeout=WORK_MS)
    restored.get_by_text("Close", exact=True).click()
    assert started(town) != before
    assert town.bed.check(f"ls -A {DATA}") == ""


@pytest.mark.conformance("STO-14", "ARC-03")
def test_a_package_stops_while_its_volume_is_filled_and_restored(
    chromium: Browser, town: Appliance, tmp_path: Path
) -> None:
    with window(chromium, town, DESKTOP, tmp_path) as web:
        web.sign_in()
        go_to_storage(web)
        see_what_belongs_to_the_package(web)
        upload_while_it_stands_still(web, town, write_album(tmp_path))
        put_all_of_it_back(web, town)


PICK: Final = """
    () => {
        window.showSaveFilePicker = async ({ suggestedName }) =>
            (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    }
"""
"""Chooses a file in the browser's own file system, in place of the person whom the browser would ask."""
READ: Final = """
    async (name) => {
        const file = await (await (await navigator.storage.getDirectory()).getFileHandle(name)).getFile();
        return Array.from(new Uint8Array(await file.arrayBuffer()));
    }
"""


@pytest.mark.conformance("STO-14", "ARC-05")
def test_a_download_is_written_into_the_file_that_was_chosen(
    chromium: Browser, town: Appliance, tmp_path: Path
) -> None:
    """Browsers let pages from this very machine do what else only pages from HTTPS may."""
    town.bed.check(f"echo 'the forum' >{DATA}/rome.txt")
    with window(chromium, town, DESKTOP, tmp_path, home=town.bed.url) as web:
        web.page.evaluate(PICK)
        web.sign_in()
        go_to_storage(web)
        web.page.get_by_role("button", name=re.compile("^keeper")).click()
        web.button("Download data of keeper 1.0").click()
        dialog = web.dialog("Download data of keeper 1.0")
        dialog.get_by_label("File name (optional)").fill("backup")
        dialog.get_by_role("button", name="Download", exact=True).click()
        expect(web.page.get_by_role("dialog", name="data of keeper 1.0 has been downloaded")).to_be_visible(
            timeout=WORK_MS
        )
        content = bytes(web.page.evaluate(READ, "backup.tar.gz"))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        (rome,) = [member for member in archive if member.name.endswith("rome.txt")]
        assert rome.size == len("the forum\n")


def add_an_image(web: Window, url: str) -> None:
    web.button("Add an image").click()
    dialog = web.dialog("Add an image")
    dialog.get_by_label("Address").fill("ftp://example.org/disk.raw")
    dialog.get_by_role("button", name="Add").click()
    address = dialog.get_by_label("Address")
    expect(address).to_have_accessible_description(re.compile("only http and https addresses are allowed$"))
    web.excuse_refusal(422, "/vm-images/upload")
    address.fill(url)
    dialog.get_by_role("button", name="Add").click()
    done = web.page.get_by_role("dialog", name="The image disk.raw is ready")
    expect(done).to_be_visible(timeout=WORK_MS)
    done.get_by_text("Close", exact=True).click()


@pytest.mark.conformance("ARC-10")
def test_an_image_is_fetched_from_the_web_and_deleted(chromium: Browser, town: Appliance, tmp_path: Path) -> None:
    (tmp_path / "disk.raw").write_bytes(bytes(8 * MB))
    with serving(tmp_path, town.bed.host) as server, window(chromium, town, DESKTOP, tmp_path) as web:
        web.sign_in()
        go_to_storage(web)
        expect(web.page.get_by_text("No images yet")).to_be_visible()
        add_an_image(web, f"{server}/disk.raw")
        web.page.reload()
        expect(web.page.get_by_role("listitem").filter(has_text="disk.raw")).to_contain_text("8 MB")
        web.button("Delete disk.raw").click()
        web.dialog("Delete disk.raw?").get_by_role("button", name="Delete").click()
        expect(web.page.get_by_text("No images yet")).to_be_visible()


@pytest.mark.conformance("STO-14")
def test_a_phone_shows_storage_with_no_scrolling_sideways(chromium: Browser, town: Appliance, tmp_path: Path) -> None:
    town.admin().post("/storage/create", name="a-volume-with-a-name-that-is-far-too-long-for-a-phone", quota=64 * MB)
    with window(chromium, town, PHONE, tmp_path) as web:
        web.sign_in()
        web.page.get_by_role("navigation", name="Main").get_by_role("link", name="Storage").tap()
        expect(web.button("Create")).to_be_visible()
        web.page.get_by_role("button", name=re.compile("^keeper")).tap()
        web.never_scrolls_sideways()
        web.button("Download data of keeper 1.0").tap()
        submit = web.dialog("Download data of keeper 1.0").get_by_role("button", name="Download", exact=True)
        expect(submit).to_be_in_viewport(ratio=1)
        web.never_scrolls_sideways()


@pytest.mark.conformance("STO-14")
def test_no_width_between_phone_and_desk_makes_storage_scroll_sideways(
    chromium: Browser, town: Appliance, tmp_path: Path
) -> None:
    with window(chromium, town, DESKTOP, tmp_path) as web:
        web.sign_in()
        go_to_storage(web)
        web.page.get_by_role("button", name=re.compile("^keeper")).click()
        expect(web.button("Modify data of keeper 1.0")).to_be_visible()
        for width in (1280, 1100, 1024, 900, 768, 600, 390):
            web.page.set_viewport_size({"width": width, "height": 800})
            assert web.page.evaluate("document.documentElement.scrollWidth") == width
