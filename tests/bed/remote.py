"""A pytest plugin: tests marked `bed` run inside a booted bed, and are counted among the others.

Outside, a bed is booted when the first of them has its turn, and for each file a second pytest in it runs those tests
and writes its reports to a file; in their turn, these reports become this session's own. Inside, the same plugin writes
them.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

from tests.bed.bed import Bed
from tests.bed.options import Options
from tests.bed.places import CHECKOUT, TEST_PREFIX, BedError, BedName
from tests.bed.sharing import WORKER
from tests.bed.terminal import say

REPORTS: Final = "TOWN_OS_BED_REPORTS"
"""Names the file that the pytest inside writes to; tells inside from outside."""
_NAME: Final = BedName(f"{TEST_PREFIX}in{WORKER}")
_REPORTS_INSIDE: Final = "/run/reports"
_FILE_SECONDS: Final = 900
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
        self._reports: defaultdict[str, list[pytest.TestReport]] = defaultdict(list)
        self._asked: set[Path] = set()
        self._said = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let their time limits hold inside only: here the first would have the time of all."""
        for item in _marked(items):
            item.add_marker(pytest.mark.timeout(0), append=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        if item.get_closest_marker("bed") is None:
            return None
        if item.path not in self._asked:
            self._asked.add(item.path)
            self._run_inside([one.nodeid for one in _marked(item.session.items) if one.path == item.path])
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self._reports[item.nodeid] or [_lost(item, self._said)]:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        item.session._setupstate.teardown_exact(nextitem)  # what the test before left for this one's module
        return True

    @cached_property
    def _bed(self) -> Bed:
        """Boot it at the first use, and take it down when all is over."""
        bed = Bed.up(Options(name=_NAME, zipapp=None, source=True), say)
        self._config.add_cleanup(bed.stop)
        return bed

    def _run_inside(self, tests: list[str]) -> None:
        try:
            self._bed.put("/run/tests", "\n".join(tests))
            self._bed.put(_REPORTS_INSIDE, "")
            self._said = self._bed.run(_pytest_inside(), seconds=_FILE_SECONDS).output[-_TAIL_CHARACTERS:]
            for report in self._read(self._bed.check(f"cat {_REPORTS_INSIDE}")):
                self._reports[report.nodeid].append(report)
        except (BedError, subprocess.TimeoutExpired) as failure:
            self._said = str(failure)

    def _read(self, lines: str) -> Iterator[pytest.TestReport]:
        for line in lines.splitlines():
            data: dict[str, Any] = json.loads(line)
            report = self._config.hook.pytest_report_from_serializable(config=self._config, data=data)
            assert isinstance(report, pytest.TestReport)
            yield report


def _marked(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    return (item for item in items if item.get_closest_marker("bed"))


def _pytest_inside() -> str:
    environment = {
        REPORTS: _REPORTS_INSIDE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": "/tmp",
        "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/hypothesis",
    }
    variables = " ".join(f"{key}={value}" for key, value in environment.items())
    place = shlex.quote(str(CHECKOUT))
    return f"cd {place} && {variables} .venv/bin/python -m pytest -p no:cacheprovider -q @/run/tests 2>&1"


def _lost(item: pytest.Item, said: str) -> pytest.TestReport:
    """Return the failure of a test that has no report, with the last words of the pytest inside."""
    return pytest.TestReport(item.nodeid, item.location, {}, "failed", f"no report came from the bed:\n{said}", "call")
