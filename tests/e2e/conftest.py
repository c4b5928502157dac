"""Appliances for the tests from outside. All of them boot machines, so all of them are slow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.bed.sharing import WORKER
from tests.e2e.api import Api
from tests.e2e.appliance import Appliance, appliance
from tests.e2e.browser import CHROMIUM, FLAGS

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def town(request: pytest.FixtureRequest) -> Iterator[Appliance]:
    """An appliance that the tests of one file share, with the API's default settings and the log level of the tests."""
    with appliance(f"e2e{WORKER}", environment={"LOG_LEVEL": "info"}) as booted:
        yield booted


@pytest.fixture
def admin(town: Appliance) -> Api:
    """Return the administrator, signed in at the process that runs now."""
    return town.admin()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()
