"""A browser at an appliance: one window, and everything that went wrong in it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect

from tests.bed.bed import API_PORT
from tests.e2e.api import ADMINISTRATOR
from tests.e2e.appliance import Appliance

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP: Final = (1280, 800)
PHONE: Final = (390, 844)
A_SENTENCE: Final = re.compile(r"\w+ .*\w+ \w+")
HUNG_UP: Final = "net::ERR_ABORTED"
"""How a request ends that the page itself gives up, such as a stream that nobody looks at any more."""
USERNAME: Final = str(ADMINISTRATOR["username"])
PASSWORD: Final = str(ADMINISTRATOR["password"])


@dataclass  # no slots: Playwright hangs attributes of its own on whose methods listen
class Window:
    """A browser window at an appliance, with all that went wrong in it."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.complaints.append(f"somebody else was asked: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != HUNG_UP:
            self.complaints.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.request.method} {response.url}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True)

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)

    def dialog(self, title: str | re.Pattern[str]) -> Locator:
        """Return the dialog of that title, which says in a sentence what it is for."""
        dialog = self.page.get_by_role("dialog", name=title, exact=True)
        expect(dialog).to_be_visible()
        expect(dialog).to_have_accessible_description(A_SENTENCE)
        return dialog

    def sign_in(self) -> None:
        expect(self.heading("Sign in")).to_be_visible()
        self.fill("Username", USERNAME)
        self.fill("Password", PASSWORD)
        self.button("Sign in").click()

    def excuse_refusal(self, status: int, path: str) -> None:
        """Take one refused request off the complaints: the test meant it to be refused."""
        url = f"{self.home}{path}"
        told = f"console: Failed to load resource: the server responded with a status of {status}"
        for complaint in (f"{status}: POST {url}", next(each for each in self.complaints if each.startswith(told))):
            self.complaints.remove(complaint)

    def never_scrolls_sideways(self) -> None:
        self.page.evaluate("scrollTo(10_000, scrollY)")
        assert self.page.evaluate("[scrollX, document.documentElement.scrollWidth]") == [0, PHONE[0]]


@contextmanager
def window(
    chromium: Browser, town: Appliance, size: tuple[int, int], pictures: Path, *, home: str = ""
) -> Iterator[Window]:
    """Open a window at `home`, the appliance's own address by default; a picture is kept only when the block fails."""
    phone = size == PHONE
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone, locale="en-US"
    )
    page = context.new_page()
    opened = Window(page, home or f"http://{town.bed.address}:{API_PORT}")
    try:
        page.goto(opened.home)
        yield opened
        assert opened.complaints == [], opened.complaints
    except BaseException:
        page.screenshot(path=pictures / "failure.png")
        raise
    finally:
        context.close()
