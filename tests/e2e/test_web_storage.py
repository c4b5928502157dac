"""A user volume in a real browser: archives in and out, and restoring from snapshots."""

import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.appliance import Appliance, appliance
from tests.e2e.browser import DESKTOP, Window, window
from tests.e2e.storage_page import MB, WORK_MS, go_to_storage, slow_uploads, write_album
from tests.support.archives import member, packed, symlink

pytestmark = pytest.mark.timeout(240)

PICTURES: Final = "/town-os/user/pictures"


@pytest.fixture
def town() -> Iterator[Appliance]:
    """An appliance with an administrator, and nothing on its disk."""
    with appliance("websto") as booted:
        booted.admin()
        booted.wait_for_boot()
        yield booted


def row_of(web: Window, name: str) -> Locator:
    return web.page.get_by_role("table", name="User Filesystems").get_by_role("row", name=re.compile(f"^{name}"))


def create_a_volume(web: Window) -> None:
    expect(web.page.get_by_text("You have no volumes yet")).to_be_visible()
    web.button("Create").click()
    dialog = web.dialog("Create a volume")
    expect(dialog.get_by_label("Size limit")).to_have_value("50")
    dialog.get_by_label("Name", exact=True).fill("user")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("That name is reserved. Choose another.")).to_be_visible()
    web.excuse_refusal(422, "/storage/create")
    dialog.get_by_label("Name", exact=True).fill("photos")
    dialog.get_by_role("button", name="Create").click()
    expect(row_of(web, "photos")).to_contain_text("50 GB")


def give_it_another_name_and_limit(web: Window) -> None:
    web.button("Modify photos").click()
    dialog = web.dialog("Modify photos")
    dialog.get_by_label("Name", exact=True).fill("pictures")
    dialog.get_by_label("Size limit").fill("100")
    dialog.get_by_label("Unit").select_option(label="MB")
    dialog.get_by_role("button", name="Save").click()
    expect(row_of(web, "pictures")).to_contain_text("100 MB")
    web.page.reload()
    expect(row_of(web, "pictures")).to_contain_text("100 MB")


def begin_to_upload(web: Window, name: str, archive: Path) -> Locator:
    web.button(f"Upload to {name}").click()
    dialog = web.dialog(f"Upload to {name}")
    dialog.get_by_label("Archive").set_input_files(archive)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    moving = web.dialog(f"Uploading to {name}")
    expect(moving.get_by_text(re.compile(r"^[1-9]\d?% · .* of 5 MB$"))).to_be_visible()
    return moving


def change_their_mind_about_an_upload(web: Window, town: Appliance, album: Path) -> None:
    with slow_uploads(web):
        begin_to_upload(web, "pictures", album).get_by_role("button", name="Cancel").click()
        cancelled = web.dialog("The upload was cancelled")
        cancelled.get_by_text("Close", exact=True).click()
    assert town.bed.check(f"ls -A {PICTURES}") == ""


def be_refused_an_archive_that_leads_out(web: Window, town: Appliance, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.tar"
    hostile.write_bytes(packed(symlink("out", "/etc"), member("noise", os.urandom(MB))))
    web.button("Upload to pictures").click()
    dialog = web.dialog("Upload to pictures")
    dialog.get_by_label("Archive").set_input_files(hostile)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    expect(dialog.get_by_label("Archive")).to_have_accessible_description(re.compile("leads out of the volume$"))
    dialog.get_by_role("button", name="Cancel").click()
    web.excuse_refusal(422, "/storage/upload-archive")
    assert town.bed.check(f"ls -A {PICTURES}") == ""


def upload_an_album_in_the_background(web: Window, town: Appliance, album: Path) -> None:
    with slow_uploads(web):
        begin_to_upload(web, "pictures", album).get_by_role("button", name="Continue in the background").click()
        web.page.get_by_role("complementary").get_by_role("link", name="Packages").click()
        tray = web.page.get_by_role("region", name="Running tasks")
        expect(tray.get_by_text("Uploading to pictures")).to_be_visible()
    done = "The files are in pictures"
    expect(tray.get_by_text(done)).to_be_visible(timeout=WORK_MS)
    tray.get_by_role("button", name=f"Dismiss: {done}").click()
    assert town.bed.check(f"cat {PICTURES}/album/rome.txt") == "the forum\n"
    go_to_storage(web)
    expect(row_of(web, "pictures")).to_contain_text(
        re.compile(r"^pictures5(\.\d+)? MB of 100 MB used"), timeout=WORK_MS
    )


def see_on_every_page_that_it_gets_full(web: Window) -> None:
    give_limit(web, "5.8")
    expect(row_of(web, "pictures").get_by_text("Almost full")).to_be_visible()
    web.page.get_by_role("complementary").get_by_role("link", name="Packages").click()
    expect(web.page.get_by_text("“pictures” has almost reached its size limit.")).to_be_visible(timeout=WORK_MS)
    web.page.get_by_role("link", name="Show what uses space").click()
    expect(web.page.get_by_text(re.compile("^pictures uses 5.* MB of its limit of 5.8 MB$"))).to_be_visible()
    give_limit(web, "100")
    expect(row_of(web, "pictures")).to_contain_text(re.compile(r"^pictures5(\.\d+)? MB of 100 MB used100 MB"))


def give_limit(web: Window, megabytes: str) -> None:
    web.button("Modify pictures").click()
    dialog = web.dialog("Modify pictures")
    dialog.get_by_label("Size limit").fill(megabytes)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def download_a_part(web: Window, tmp_path: Path) -> None:
    web.button("Download pictures").click()
    dialog = web.dialog("Download pictures")
    dialog.get_by_label("Compression").select_option(label="xz (.tar.xz)")
    dialog.get_by_label("Only these files and directories (optional)").fill("album/rome.txt")
    with web.page.expect_download() as download:
        dialog.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == "pictures.tar.xz"
    saved = tmp_path / "saved.tar.xz"
    download.value.save_as(saved)
    with tarfile.open(saved) as archive:
        assert [name.removeprefix("./") for name in archive.getnames()] == ["album/rome.txt"]
    web.dialog("pictures has been downloaded").get_by_text("Close", exact=True).click()


def take_a_snapshot(web: Window) -> None:
    web.button("Snapshots of pictures").click()
    dialog = web.dialog("Snapshots of pictures")
    expect(dialog.get_by_text("Before an upload")).to_be_visible()
    dialog.get_by_role("button", name="Take a snapshot").click()
    expect(dialog.get_by_text("Manual, or before a restore")).to_be_visible()


def get_one_file_back(web: Window, town: Appliance) -> None:
    town.bed.check(f"echo 'a mistake' >{PICTURES}/album/rome.txt; echo 'the bridge' >{PICTURES}/album/prague.txt")
    web.dialog("Snapshots of pictures").get_by_role("button", name=re.compile("^Browse")).first.click()
    browser = web.dialog("Snapshot of pictures")
    browser.get_by_role("button", name="album", exact=True).click()
    expect(browser.get_by_role("list", name="Files and directories").get_by_role("listitem")).to_have_count(2)
    browser.get_by_role("button", name="Restore rome.txt").click()
    question = web.dialog("Restore album/rome.txt?")
    expect(question.get_by_text("The current state is saved as a snapshot first")).to_be_visible()
    question.get_by_role("button", name="Restore").click()
    restored = web.page.get_by_role("dialog", name="pictures has been restored")
    expect(restored).to_be_visible(timeout=WORK_MS)
    restored.get_by_text("Close", exact=True).click()
    assert town.bed.check(f"cat {PICTURES}/album/rome.txt {PICTURES}/album/prague.txt") == "the forum\nthe bridge\n"


def remove_a_snapshot(web: Window) -> None:
    """After the page was loaded anew, find the snapshot that the restore has taken, and be rid of the oldest."""
    web.page.reload()
    web.button("Snapshots of pictures").click()
    rows = web.dialog("Snapshots of pictures").get_by_role("listitem")
    expect(rows).to_have_count(3)
    rows.last.get_by_role("button", name=re.compile("^Delete")).click()
    web.dialog("Delete this snapshot?").get_by_role("button", name="Delete").click()
    expect(rows).to_have_count(2)
    web.dialog("Snapshots of pictures").get_by_text("Close", exact=True).click()


def delete_the_volume(web: Window, town: Appliance) -> None:
    web.button("Delete pictures").click()
    dialog = web.dialog("Delete pictures?")
    dialog.get_by_role("checkbox").click()
    dialog.get_by_role("button", name="Delete permanently").click()
    expect(web.page.get_by_text("You have no volumes yet")).to_be_visible()
    assert town.bed.run(f"test -e {PICTURES}").status == 1


@pytest.mark.conformance("STO-14", "ARC-03", "ARC-04", "ARC-05", "UI-05")
def test_a_user_volume_from_its_creation_to_its_deletion(chromium: Browser, town: Appliance, tmp_path: Path) -> None:
    album = write_album(tmp_path)
    with window(chromium, town, DESKTOP, tmp_path) as web:
        web.sign_in()
        go_to_storage(web)
        create_a_volume(web)
        give_it_another_name_and_limit(web)
        change_their_mind_about_an_upload(web, town, album)
        be_refused_an_archive_that_leads_out(web, town, tmp_path)
        upload_an_album_in_the_background(web, town, album)
        see_on_every_page_that_it_gets_full(web)
        download_a_part(web, tmp_path)
        take_a_snapshot(web)
        get_one_file_back(web, town)
        remove_a_snapshot(web)
        delete_the_volume(web, town)
