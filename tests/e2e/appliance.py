"""An appliance under test: Town OS in a bed, seen from outside, with a hand on its power switch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bed.bed import Bed
from tests.bed.kernel import wait_until
from tests.bed.options import Options
from tests.bed.places import SERVICE, TEST_PREFIX, BedName
from tests.bed.repositories import PackageRepository
from tests.e2e.api import ADMINISTRATOR, Api


@dataclass(slots=True)
class Appliance:
    """`api` is unsigned; `admin()` creates the first administrator on first use."""

    bed: Bed
    api: Api
    _admin: Api | None = field(default=None)

    def admin(self) -> Api:
        """Return a client signed in as the administrator, who is created on first use."""
        if self._admin is None:
            self._admin = self.api.first_administrator()
        return self._admin

    def package_repository(self, name: str, files: Mapping[str, str]) -> PackageRepository:
        """Make a git repository inside the bed and add it to the appliance under the same name."""
        made = PackageRepository.create(self.bed, name, files)
        self.admin().post("/repository/add", name=name, url=made.url)
        return made

    def main_process(self) -> str:
        """Return the number of the service's main process, "0" while there is none."""
        return self.bed.check(f"systemctl show --value --property=MainPID {SERVICE}").strip()

    def restart(self) -> None:
        """Restart the service as an operator would, and wait for it to answer."""
        self.bed.check(f"systemctl restart {SERVICE}")
        self.wait_for_answer()

    def kill(self) -> None:
        """Kill the service's processes with no warning; systemd starts it again, and this waits for its answer."""
        before = self.main_process()
        self.bed.check(f"systemctl kill --signal=KILL {SERVICE}")
        self.wait_for_successor(before)

    def wait_for_successor(self, before: str) -> None:
        """Wait until another process than `before` is the service's main process, and answers."""
        assert wait_until(lambda: self.main_process() not in {"0", before}, 60), (
            "systemd does not start the service again"
        )
        self.wait_for_answer()

    def wait_for_answer(self) -> None:
        """Wait for an answer, and sign in anew: tokens do not outlive the process that signed them."""
        self.bed.wait_for_answer()
        if self._admin is not None:
            username, password = str(ADMINISTRATOR["username"]), str(ADMINISTRATOR["password"])
            self._admin = self.api.signed_in(username, password)

    def wait_for_boot(self) -> None:
        """Wait until nothing of the boot is pending."""
        admin = self.admin()
        assert wait_until(lambda: not admin.get("/status/ping").get("boot"), 60), "the boot does not end"


@contextmanager
def appliance(
    name: str, *, environment: Mapping[str, str] | None = None, files: Path | None = None, keep: bool = False
) -> Iterator[Appliance]:
    """Boot an appliance of its own for as long as the block lasts; `name` is up to six of a-z and 0-9."""
    options = Options(name=BedName.parse(TEST_PREFIX + name), environment=environment or {}, files=files, keep=keep)
    bed = Bed.up(options)
    try:
        yield Appliance(bed, Api(bed.url))
    finally:
        bed.stop()
