"""The main way of a person at home, in a real browser: first account, a package, its page, its log, and out again."""

import re
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.bed import foreground
from tests.e2e.api import ADMINISTRATOR
from tests.e2e.appliance import Appliance, appliance
from tests.e2e.browser import DESKTOP, PASSWORD, PHONE, USERNAME, Window, window

pytestmark = pytest.mark.timeout(180)

INSTALL_MS: Final = 60_000
HEADING: Final = "Ada’s page"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Appliance]:
    """An appliance that nobody has used yet, with the demonstration repository, as `make run` has it."""
    files = tmp_path / "files"
    files.mkdir()
    foreground.furnish_demonstration(files)
    with appliance("web", files=files) as booted:
        yield booted


def sign_in_by_keyboard(web: Window) -> None:
    expect(web.heading("Sign in")).to_be_visible()
    for control, keys in (
        (web.page.get_by_label("Username", exact=True), USERNAME),
        (web.page.get_by_label("Password", exact=True), PASSWORD),
        (web.button("Show password"), ""),
        (web.button("Sign in"), ""),
    ):
        web.page.keyboard.press("Tab")
        expect(control).to_be_focused()
        web.page.keyboard.type(keys)
    web.page.keyboard.press("Enter")


def create_the_administrator(web: Window) -> None:
    expect(web.heading("Welcome to Town OS")).to_be_visible()
    web.fill("Username", USERNAME)
    web.fill("Password", PASSWORD)
    web.fill("Confirm password", PASSWORD)
    web.fill("Your name", str(ADMINISTRATOR["real_name"]))
    web.fill("Email address", str(ADMINISTRATOR["email"]))
    web.fill("Phone number", str(ADMINISTRATOR["phone"]))
    web.button("Create account").click()


def see_who_is_signed_in(web: Window) -> None:
    header = web.page.get_by_role("banner")
    for text in ("Online", USERNAME, "Admin"):
        expect(header.get_by_text(text, exact=True)).to_be_visible()
    expect(web.page.get_by_role("navigation").get_by_role("link", name="Packages")).to_be_visible()


def install_the_web_server(web: Window) -> str:
    """Answer one question, leave the other to its default, watch, and return the address that is offered."""
    expect(web.heading("Packages")).to_be_visible()
    web.button("Install webserver").click()
    dialog = web.dialog("Install webserver")
    expect(dialog.get_by_text("Reachable on port 8090 of this machine")).to_be_visible()
    expect(dialog.get_by_label("What text should the page show?")).to_be_empty()
    dialog.get_by_label("What is the heading of your page?").fill(HEADING)
    dialog.get_by_role("button", name="Install", exact=True).click()
    progress = web.dialog("Installing webserver")
    expect(progress.locator("[aria-current=step]")).to_contain_text(
        "checking that it keeps running", timeout=INSTALL_MS
    )
    expect(progress.get_by_role("listitem").first).to_contain_text("Downloading the package: Done")
    success = web.dialog("webserver is ready")
    address = success.get_by_role("link", name="Open webserver").get_attribute("href") or ""
    expect(success.get_by_role("link", name=address)).to_be_visible()
    success.get_by_role("button", name="Done").click()
    expect(web.page.get_by_role("link", name="Open webserver")).to_have_attribute("href", address)
    return address


def answer_of(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def watch_its_log(web: Window, address: str) -> None:
    """See a request in the log that was made while the log was open."""
    web.page.get_by_role("link", name="Services").click()
    web.button("Log of webserver").click()
    dialog = web.dialog(re.compile("^Log of webserver"))
    expect(dialog.get_by_text("Live", exact=True)).to_be_visible()
    log = dialog.get_by_role("log")
    expect(log).to_contain_text("Started")
    marker = uuid.uuid4().hex
    assert HEADING in answer_of(f"{address}?{marker}")
    expect(log.get_by_text(marker)).to_be_in_viewport()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def sign_out_and_in_again(web: Window) -> None:
    web.button("Sign out").click()
    expect(web.heading("Sign in")).to_be_visible()
    web.page.goto(f"{web.home}/dashboard/packages")
    sign_in_by_keyboard(web)
    expect(web.heading("Packages")).to_be_visible()


def uninstall_the_web_server(web: Window) -> None:
    web.button("Uninstall webserver").click()
    dialog = web.dialog("Uninstall webserver?")
    expect(dialog.get_by_role("radio", name="Keep its data")).to_be_checked()
    expect(dialog.get_by_text(re.compile("^“html” of version 1.0, up to 64 MB$"))).to_be_visible()
    dialog.get_by_role("button", name="Uninstall and keep data").click()
    done = web.dialog("webserver has been uninstalled")
    done.get_by_text("Close", exact=True).click()


def find_data_and_answer_kept(web: Window) -> None:
    """Look at what was kept, at the form for installing it again, and at what its smallest control is for."""
    web.page.get_by_role("link", name="Show kept data").click()
    expect(web.page.get_by_text("“html” of version 1.0, up to 64 MB")).to_be_visible()
    web.page.get_by_role("link", name="Packages").click()
    web.button("Install webserver").click()
    dialog = web.dialog("Install webserver")
    expect(dialog.get_by_role("radio", name="Use the kept data")).to_be_checked()
    expect(dialog.get_by_text(HEADING)).to_be_visible()
    dialog.get_by_role("button", name="Clear to enter a new value: What is the heading of your page?").hover()
    tooltip = web.page.locator("[data-radix-popper-content-wrapper]")
    expect(tooltip).to_be_in_viewport(ratio=1)
    expect(tooltip.get_by_role("tooltip")).to_have_text("Clear to enter a new value")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()


@pytest.mark.conformance("SYS-03", "PKG-08", "PKG-09", "RSP-05", "RSP-06", "UI-01", "UI-02", "UI-04", "UI-05", "UI-06")
def test_a_person_gets_from_the_first_page_to_a_running_web_server_and_back(
    chromium: Browser, town: Appliance, tmp_path: Path
) -> None:
    with window(chromium, town, DESKTOP, tmp_path) as web:
        create_the_administrator(web)
        see_who_is_signed_in(web)
        address = install_the_web_server(web)
        assert address == f"http://{town.bed.address}:8090/"
        assert f"<h1>{HEADING}</h1>" in answer_of(address)
        watch_its_log(web, address)
        sign_out_and_in_again(web)
        uninstall_the_web_server(web)
        with pytest.raises(OSError, match="refused"):
            answer_of(address)
        find_data_and_answer_kept(web)


@pytest.mark.conformance("UI-06")
def test_a_phone_shows_the_packages_with_no_scrolling_sideways(
    chromium: Browser, town: Appliance, tmp_path: Path
) -> None:
    town.admin()
    with window(chromium, town, PHONE, tmp_path) as web:
        expect(web.heading("Sign in")).to_be_visible()
        web.never_scrolls_sideways()
        web.fill("Username", USERNAME)
        web.fill("Password", PASSWORD)
        web.button("Sign in").tap()
        expect(web.button("Install webserver")).to_be_in_viewport(ratio=1)
        web.never_scrolls_sideways()
        see_who_is_signed_in(web)
        web.button("Install webserver").tap()
        expect(web.dialog("Install webserver").get_by_role("button", name="Install")).to_be_in_viewport(ratio=1)
        web.never_scrolls_sideways()


def turn_off_and_on(web: Window) -> None:
    """Begin in the details of the whiteboard, and end there."""
    for action, question, done in (
        ("Turn off", "Turn whiteboard off?", "whiteboard is turned off"),
        ("Turn on", "Turn whiteboard on?", "whiteboard is turned on"),
    ):
        web.dialog("whiteboard").get_by_role("button", name=action).click()
        web.dialog(question).get_by_role("button", name=action).click()
        switched = web.page.get_by_role("dialog", name=done)
        expect(switched).to_be_visible(timeout=INSTALL_MS)
        switched.get_by_text("Close", exact=True).click()
        web.button("Details of whiteboard").click()
    expect(web.dialog("whiteboard").get_by_role("link", name="Open whiteboard")).to_be_visible()


@pytest.mark.conformance("RSP-07", "RSP-09")
def test_a_package_with_every_type_of_question_is_installed_with_no_answers(
    chromium: Browser, town: Appliance, tmp_path: Path
) -> None:
    town.admin()
    with window(chromium, town, DESKTOP, tmp_path) as web:
        web.sign_in()
        web.button("Install whiteboard").click()
        dialog = web.dialog("Install whiteboard")
        for question, placeholder in (
            ("Which port should it use?", "Auto-assigned if empty"),
            ("What should it be called on your network?", "Auto-generated if empty"),
            ("How much space can it use?", "Default: 64mb"),
        ):
            expect(dialog.get_by_label(question)).to_have_attribute("placeholder", placeholder)
        dialog.get_by_role("button", name="Install", exact=True).click()
        ready = web.page.get_by_role("dialog", name="whiteboard is ready")
        expect(ready).to_be_visible(timeout=INSTALL_MS)
        address = ready.get_by_role("link", name="Open whiteboard").get_attribute("href") or ""
        assert "<h1>Our board</h1>" in answer_of(address)
        ready.get_by_role("button", name="Done").click()
        web.button("Details of whiteboard").click()
        details = web.dialog("whiteboard")
        expect(details.get_by_role("link", name="board@example.org")).to_have_attribute(
            "href", "mailto:board@example.org"
        )
        expect(details.get_by_text("********")).to_be_visible()
        turn_off_and_on(web)
