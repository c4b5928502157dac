"""A pytest plugin: tests marked `bed` run inside a booted bed, and are counted among the others.

Outside, a bed is booted first of all, and a second pytest in it runs all such tests and writes its reports to a file;
in their turn, these reports become this session's own. Inside, the same plugin writes them.
"""

from __future__ import annotations

import json
import os
import shlex
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.bed.bed import Bed
from tests.bed.options import Options
from tests.bed.places import CHECKOUT, TEST_PREFIX, BedError, BedName
from tests.bed.terminal import say

REPORTS: Final = "TOWN_OS_BED_REPORTS"
"""Names the file that the pytest inside writes to; tells inside from outside."""
_NAME: Final = BedName(f"{TEST_PREFIX}inside")
_ALL_SECONDS: Final = 1200
_TAIL_CHARACTERS: Final = 4000


def pytest_configure(config: pytest.Config) -> None:
    """Take the part that the environment assigns."""
    reports = os.environ.get(REPORTS)
    config.pluginmanager.register(_Inside(config, Path(reports)) if reports else _Outside(config))


class _Inside:
    """Writes every report as a line of JSON."""

    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._config = config
        self._path = path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        with self._path.open("a") as reports:
            reports.write(json.dumps(data) + "\n")


class _Outside:
    """Has the marked tests run elsewhere."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reports: dict[str, list[pytest.TestReport]] = {}
        self._said = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put them first: among others they would come between a module's set-up and its tear-down."""
        items.sort(key=lambda item: item.get_closest_marker("bed") is None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Carry them out before all others: here no test's time limit is running."""
        chosen = [item.nodeid for item in session.items if item.get_closest_marker("bed")]
        if chosen and not session.config.option.collectonly:
            self._reports = self._run_inside(chosen)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        if item.get_closest_marker("bed") is None:
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self._reports.get(item.nodeid) or [_lost(item, self._said)]:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _run_inside(self, tests: list[str]) -> dict[str, list[pytest.TestReport]]:
        try:
            bed = Bed.up(Options(name=_NAME, zipapp=None, source=True), say)
        except BedError as error:
            self._said = str(error)
            return {}
        try:
            return self._reports_of(bed, tests)
        finally:
            bed.stop()

    def _reports_of(self, bed: Bed, tests: list[str]) -> dict[str, list[pytest.TestReport]]:
        bed.put("/run/tests", "\n".join(tests))
        environment = {
            REPORTS: "/run/reports",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/hypothesis",
        }
        variables = " ".join(f"{key}={value}" for key, value in environment.items())
        place = shlex.quote(str(CHECKOUT))
        pytest_inside = f"cd {place} && {variables} .venv/bin/python -m pytest -p no:cacheprovider -q @/run/tests 2>&1"
        self._said = bed.run(pytest_inside, seconds=_ALL_SECONDS).output[-_TAIL_CHARACTERS:]
        found = defaultdict(list)
        for report in self._read(bed.check("touch /run/reports; cat /run/reports")):
            found[report.nodeid].append(report)
        return found

    def _read(self, lines: str) -> Iterator[pytest.TestReport]:
        for line in lines.splitlines():
            data: dict[str, Any] = json.loads(line)
            report = self._config.hook.pytest_report_from_serializable(config=self._config, data=data)
            assert isinstance(report, pytest.TestReport)
            yield report


def _lost(item: pytest.Item, said: str) -> pytest.TestReport:
    """Return the failure of a test that has no report, with the last words of the pytest inside."""
    return pytest.TestReport(item.nodeid, item.location, {}, "failed", f"no report came from the bed:\n{said}", "call")
