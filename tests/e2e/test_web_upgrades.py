"""Updates in a real browser: one that does not work and goes back, and one that works."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.appliance import Appliance, appliance
from tests.e2e.browser import DESKTOP, Window, window
from tests.e2e.keeper import STAY

pytestmark = pytest.mark.timeout(240)

UPGRADE_MS: Final = 60_000
WATCH_SECONDS: Final = "5"
"""Long enough for the browser to see the step in which the new version is watched."""


def diary(program: str) -> str:
    """Return the manifest of a package that keeps data and a setting, and runs this program."""
    return f"""
description: A diary
image: busybox
command: [sh, -c, {json.dumps(program)}]
environment: {{COLOUR: "@colour@"}}
volumes: {{pages: {{mountpoint: /pages, quota: 20mb}}}}
questions: {{colour: {{query: Which colour has its cover?, default: blue}}}}
"""


FILES: Final = {
    "packages/diary/1.0.yaml": diary(f"echo 1.0 >>/pages/starts; {STAY}"),
    "packages/diary/2.0.yaml": diary(f"echo 2.0 >>/pages/starts; {STAY}"),
    "packages/diary/3.0.yaml": diary("echo spoiled >/pages/starts; echo the ink is dry; sleep 2; exit 1"),
    "featured.json": '["diary"]',
}


@pytest.fixture
def town() -> Iterator[Appliance]:
    """An appliance with version 1.0 of the diary, answered and running, and two newer ones to choose from."""
    with appliance("webup") as booted:
        booted.package_repository("books", FILES)
        booted.wait_for_boot()
        admin = booted.admin()
        admin.post("/settings/set", key="upgrade_watch_seconds", value=WATCH_SECONDS)
        admin.post("/packages/install", repo="books", name="diary", version="1.0", responses={"colour": "red"})
        yield booted


def starts(town: Appliance, version: str) -> list[str]:
    return town.bed.check(f"cat /town-os/installed/books/diary/{version}/pages/starts").split()


def follow_the_badge(web: Window) -> None:
    web.page.get_by_role("complementary").get_by_role("link", name=re.compile("^Updates 1 update$")).click()
    expect(web.heading("Updates")).to_be_visible()
    expect(web.page.get_by_text("Version 1.0 → 3.0 · from books")).to_be_visible()


def try_the_newest(web: Window) -> None:
    """Update to the version that ends by itself, and read what became of it."""
    web.button("Update diary").click()
    dialog = web.dialog("Update diary")
    expect(dialog.get_by_text("red", exact=True)).to_be_visible()
    expect(dialog.get_by_text("The data in “pages” moves to the new version")).to_be_visible()
    dialog.get_by_role("button", name="Update", exact=True).click()
    progress = web.dialog("Updating diary")
    expect(progress.locator("[aria-current=step]")).to_contain_text(
        "checking that it keeps running", timeout=UPGRADE_MS
    )
    went_back = web.page.get_by_role("dialog", name="diary could not be updated")
    expect(went_back).to_be_visible(timeout=UPGRADE_MS)
    expect(went_back).to_have_accessible_description(re.compile("The previous version is running again"))
    expect(went_back.get_by_text("the ink is dry")).to_be_visible()
    went_back.get_by_text("Close", exact=True).click()
    web.excuse_refusal(422, "/packages/install")


def read_why_and_put_it_away(web: Window) -> None:
    """See the reason on the package after the page was loaded anew, and dismiss it for good."""
    web.page.goto(f"{web.home}/dashboard/packages")
    note = web.page.get_by_text("The update to 3.0 failed. Version 1.0 is running again with its data.")
    expect(note).to_be_visible()
    web.button("Dismiss: the update of diary failed").click()
    expect(note).to_be_hidden()
    web.page.reload()
    expect(web.button("Update diary")).to_be_visible()
    expect(note).to_be_hidden()


def choose_the_one_that_works(web: Window) -> None:
    web.button("Update diary").click()
    dialog = web.dialog("Update diary")
    dialog.get_by_text("More options").click()
    dialog.get_by_label("Version").select_option("2.0")
    expect(dialog).to_have_accessible_description(re.compile("^From version 1.0 to version 2.0"))
    dialog.get_by_role("button", name="Update", exact=True).click()


def change_their_mind(web: Window) -> None:
    """Cancel while the new version is watched, and see that the old one is what is installed."""
    progress = web.dialog("Updating diary")
    expect(progress.locator("[aria-current=step]")).to_contain_text(
        "checking that it keeps running", timeout=UPGRADE_MS
    )
    progress.get_by_role("button", name="Cancel and roll back").click()
    cancelled = web.page.get_by_role("dialog", name="diary: cancelled")
    expect(cancelled).to_be_visible(timeout=UPGRADE_MS)
    cancelled.get_by_text("Close", exact=True).click()
    web.excuse_refusal(409, "/packages/install")
    expect(web.page.get_by_text("Version 1.0 installed")).to_be_visible()


def see_it_through(web: Window) -> None:
    done = web.page.get_by_role("dialog", name="diary has been updated")
    expect(done).to_be_visible(timeout=UPGRADE_MS)
    done.get_by_role("button", name="Done").click()
    expect(web.page.get_by_text("Version 2.0 installed")).to_be_visible()


@pytest.mark.conformance("UPG-02", "UPG-04", "RSP-05")
def test_an_update_that_does_not_work_goes_back_with_its_data_and_says_why(
    chromium: Browser, town: Appliance, tmp_path: Path
) -> None:
    with window(chromium, town, DESKTOP, tmp_path) as web:
        web.sign_in()
        follow_the_badge(web)
        try_the_newest(web)
        assert set(starts(town, "1.0")) == {"1.0"}
        read_why_and_put_it_away(web)
        choose_the_one_that_works(web)
        change_their_mind(web)
        assert set(starts(town, "1.0")) == {"1.0"}
        choose_the_one_that_works(web)
        see_it_through(web)
        assert starts(town, "2.0")[-1] == "2.0"
