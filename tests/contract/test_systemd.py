"""What every `Systemd` does: the fake in memory, and the manager of the test host."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from townos.app.supervision import Supervisor
from townos.clock import SystemClock
from townos.errors import Conflict, NotFound, Unavailable
from townos.names import UnitName
from townos.systemd.bus import SERVICE, Bus
from townos.systemd.directory import UnitDirectory
from townos.systemd.manager import BusSystemd, JobFailed, ServiceRun, Systemd, UnitFailed, running, start_and_watch
from townos.systemd.unitfile import Exec, Section, UnitFile
from townos.testing.systemd import EXITS_CLEANLY, FINE, Behaviour, FakeSystemd

UNITS = Path("/run/systemd/system")
"""Where the tests of the real manager put their units: gone with the machine."""
BATCH = 200
SETTLE_SECONDS = 20

RUNS = Exec.line("/bin/sleep", "1000")
BEHAVIOURS: dict[str, tuple[Exec, Behaviour]] = {
    "runs": (RUNS, FINE),
    "ends": (Exec.line("/bin/true"), EXITS_CLEANLY),
    "fails": (Exec.line("/bin/sh", "-c", "exit 7"), Behaviour(ends_after_seconds=0, exit_status=7)),
    "cannot": (RUNS, Behaviour(job="failed")),
    "restarts": (
        Exec.line("/bin/sh", "-c", "sleep 0.1; exit 7"),
        Behaviour(ends_after_seconds=0.1, exit_status=7, restart_seconds=0.2),
    ),
}


def unit_text(command: Exec, *entries: tuple[str, str | Exec]) -> str:
    return str(
        UnitFile(
            (
                Section("Unit", (("Description", "a test's unit"),)),
                Section("Service", (*entries, ("ExecStart", command))),
                Section("Install", (("WantedBy", "multi-user.target"),)),
            )
        )
    )


class Manager:
    """A manager with the means to put units into its hands, each with a name nobody else uses."""

    def __init__(self, systemd: Systemd, directory: UnitDirectory, fake: FakeSystemd | None) -> None:
        self.systemd = systemd
        self.directory = directory
        self.prefix = f"town-os-package--test{secrets.token_hex(4)}"
        self.made: list[UnitName] = []
        self._fake = fake

    def name(self, name: str) -> UnitName:
        return UnitName.parse(f"{self.prefix}-{name}.service")

    async def add(self, name: str, behaviour: str = "runs") -> UnitName:
        unit = self.name(name)
        self.made.append(unit)
        command, scripted = BEHAVIOURS[behaviour]
        entries: list[tuple[str, str | Exec]] = []
        if behaviour == "cannot":
            entries = [("ExecStartPre", Exec.line("/bin/false"))]
        if behaviour == "restarts":
            entries = [("Restart", "on-failure"), ("RestartSec", "200ms")]
        await self.directory.write(unit, unit_text(command, *entries))
        if self._fake is not None:
            self._fake.behaviours[unit] = scripted
        await self.systemd.reload()
        return unit

    async def clean(self) -> None:
        for unit in self.made:
            await self.systemd.stop(unit)
            await self.systemd.disable(unit)
            await self.systemd.reset_failed(unit)
            await self.directory.remove(unit)
        await self.systemd.reload()


@pytest.fixture
async def bus() -> AsyncIterator[Bus]:
    async with trio.open_nursery() as nursery:
        bus = Bus()
        nursery.start_soon(bus.serve)
        yield bus
        nursery.cancel_scope.cancel()


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.bed)])
async def manager(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Manager]:
    async with managed(tmp_path, real=request.param == "real") as manager:
        yield manager


@asynccontextmanager
async def managed(path: Path, *, real: bool) -> AsyncIterator[Manager]:
    if not real:
        fake = FakeSystemd(lambda: {file.name: file.read_text() for file in path.glob("*.service")})
        yield Manager(fake, UnitDirectory(path), fake)
        return
    async with trio.open_nursery() as nursery:
        bus = Bus()
        nursery.start_soon(bus.serve)
        manager = Manager(BusSystemd(bus), UnitDirectory(UNITS), None)
        yield manager
        await manager.clean()
        nursery.cancel_scope.cancel()


class TestSystemd:
    """The contract."""

    @pytest.mark.conformance("UNIT-08", "INST-07")
    async def test_start_stop_and_restart_return_when_the_job_is_done(self, manager: Manager) -> None:
        unit = await manager.add("web")
        await manager.systemd.start(unit)
        status = await manager.systemd.status(unit)
        assert (status.load_state, status.active_state, status.sub_state) == ("loaded", "active", "running")
        await manager.systemd.restart(unit)
        assert await running(manager.systemd, unit)
        await manager.systemd.stop(unit)
        assert not await running(manager.systemd, unit)

    async def test_a_restart_need_not_be_waited_for(self, manager: Manager) -> None:
        unit = await manager.add("web")
        await manager.systemd.restart_later(unit)
        with trio.fail_after(30):
            while (await manager.systemd.status(unit)).active_state != "active":
                await trio.sleep(0.01)
        with pytest.raises(NotFound):
            await manager.systemd.restart_later(manager.name("nobody"))

    async def test_start_and_stop_may_be_repeated(self, manager: Manager) -> None:
        unit = await manager.add("web")
        for _ in range(2):
            await manager.systemd.start(unit)
        for _ in range(2):
            await manager.systemd.stop(unit)
        assert (await manager.systemd.status(unit)).active_state == "inactive"

    @pytest.mark.conformance("UNIT-08")
    async def test_a_job_that_fails_is_told(self, manager: Manager) -> None:
        unit = await manager.add("web", "cannot")
        for act in (manager.systemd.start, manager.systemd.restart):
            with pytest.raises(JobFailed) as error:
                await act(unit)
            assert (error.value.unit, error.value.result) == (unit, "failed")
        assert (await manager.systemd.status(unit)).active_state == "failed"
        await manager.systemd.reset_failed(unit)
        assert (await manager.systemd.status(unit)).active_state == "inactive"

    async def test_a_unit_that_is_not_there(self, manager: Manager) -> None:
        unit = manager.name("none")
        systemd = manager.systemd
        for act in (systemd.start, systemd.restart, systemd.enable, systemd.disable):
            with pytest.raises(NotFound):
                await act(unit)
        await manager.systemd.stop(unit)
        await manager.systemd.reset_failed(unit)
        assert (await manager.systemd.status(unit)).load_state == "not-found"
        assert await manager.systemd.last_run(unit) == ServiceRun(0, "success", 0)
        assert await manager.systemd.list_units([unit]) == []

    @pytest.mark.conformance("UNIT-01", "UNIT-07")
    async def test_the_list_has_what_matches_running_or_not(self, manager: Manager) -> None:
        web, mail = await manager.add("web"), await manager.add("mail")
        await manager.systemd.start(mail)
        units = await manager.systemd.list_units([f"{manager.prefix}-*.service"])
        assert [(unit.name, unit.active_state, unit.description) for unit in units] == [
            (mail, "active", "a test's unit"),
            (web, "inactive", "a test's unit"),
        ]
        assert {unit.load_state for unit in units} == {"loaded"}
        assert {unit.unit_file_state for unit in units} == {"disabled"}

    @pytest.mark.conformance("UNIT-07")
    async def test_a_template_among_the_files_hides_no_unit(self, manager: Manager) -> None:
        unit, template = await manager.add("web"), manager.name("web@")
        await manager.directory.write(template, unit_text(RUNS))
        await manager.systemd.reload()
        units = await manager.systemd.list_units([f"{manager.prefix}-*.service"])
        await manager.directory.remove(template)
        assert [unit.name for unit in units] == [unit]

    @pytest.mark.conformance("UNIT-01", "UNIT-08")
    async def test_no_version_touches_one_whose_name_goes_on(self, manager: Manager) -> None:
        short, long = await manager.add("web-1.0"), await manager.add("web-1.0.1")
        for unit in (short, long):
            await manager.systemd.start(unit)
        await manager.systemd.stop(short)
        await manager.systemd.enable(short)
        assert await running(manager.systemd, long)
        assert (await manager.systemd.status(long)).unit_file_state == "disabled"

    @pytest.mark.conformance("UNIT-08")
    async def test_enabling_and_disabling_may_run_again(self, manager: Manager) -> None:
        unit = await manager.add("web")
        for act, state in ((manager.systemd.enable, "enabled"), (manager.systemd.disable, "disabled")):
            for _ in range(2):
                await act(unit)
                assert (await manager.systemd.status(unit)).unit_file_state == state

    @pytest.mark.conformance("INST-07")
    async def test_a_service_that_dies_over_and_over_has_not_started(self, manager: Manager) -> None:
        unit = await manager.add("web", "restarts")
        with pytest.raises(UnitFailed, match="stopped again at once"):
            await start_and_watch(manager.systemd, unit, SETTLE_SECONDS)
        while not (await manager.systemd.last_run(unit)).restarts:
            await trio.sleep(0.05)

    async def test_a_service_that_dies_at_once_has_not_started(self, manager: Manager) -> None:
        unit = await manager.add("web", "fails")
        with pytest.raises(UnitFailed, match="exit-code, exit status 7"):
            await start_and_watch(manager.systemd, unit, SETTLE_SECONDS)

    async def test_a_clean_end_is_no_failure(self, manager: Manager) -> None:
        unit = await manager.add("web", "ends")
        await start_and_watch(manager.systemd, unit, 1)
        assert not await running(manager.systemd, unit)

    async def test_many_jobs_at_a_time_each_get_their_own_result(self, manager: Manager) -> None:
        good = [await manager.add(f"good{number}") for number in range(8)]
        bad = [await manager.add(f"bad{number}", "cannot") for number in range(8)]
        failed = []

        async def start(unit: UnitName) -> None:
            try:
                await manager.systemd.start(unit)
            except JobFailed:
                failed.append(unit)

        async with trio.open_nursery() as nursery:
            for unit in (*good, *bad):
                nursery.start_soon(start, unit)
        assert sorted(failed) == sorted(bad)


WORDS = st.lists(
    st.text(
        st.one_of(
            st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co"]),
            st.sampled_from("\\\"'$%;#@-{}:+!=* \u00a0\u2028\ufeff~|&<>()`"),
        ),
        max_size=20,
    ),
    min_size=1,
    max_size=5,
)
SPECIAL = [
    ["$HOME", "${HOME}", "$$", "%n", "%%", "%"],
    [";", "a;b", " ; "],
    ["\\", "\\n", "\\x41", "end\\"],
    ["", " "],
    ["#", "-x"],
]


def batch() -> list[list[str]]:
    """Return commands with words as odd as they come."""
    found = list(SPECIAL)

    @given(WORDS)
    @settings(max_examples=BATCH, phases=[Phase.generate], database=None, deadline=None)
    def collect(words: list[str]) -> None:
        found.append(words)

    collect()
    return found


@pytest.mark.bed
@pytest.mark.conformance("HOLE-01")
async def test_systemd_reads_every_command_as_it_was_meant(bus: Bus) -> None:
    directory, prefix = UnitDirectory(UNITS), f"test{secrets.token_hex(4)}"
    commands = {UnitName.parse(f"{prefix}-{number}.service"): words for number, words in enumerate(batch())}
    assert len(commands) >= BATCH // 2
    try:
        for unit, words in commands.items():
            groups = (("/bin/echo",), *((word,) for word in words))
            await directory.write(unit, unit_text(Exec(groups), ("ExecStartPre", Exec.line("/bin/true", *words))))
        await bus.call("Reload")
        for unit, words in commands.items():
            (path,) = await bus.call("LoadUnit", "s", unit)
            properties = await bus.properties(path, SERVICE)
            assert expanded(properties["ExecStart"]) == [["/bin/echo", *words]]
            assert expanded(properties["ExecStartPre"]) == [["/bin/true", *words]]
            assert not properties["ExecStartPost"]
            assert not properties["ExecStop"]
        some = [UNITS / unit for unit in list(commands)[:40]]
        verified = await trio.run_process(
            ["systemd-analyze", "verify", "--man=no", *map(str, some)], capture_stdout=True, capture_stderr=True
        )
        assert prefix not in verified.stderr.decode()
    finally:
        with trio.CancelScope(shield=True):
            for unit in commands:
                await directory.remove(unit)
            await bus.call("Reload")


def expanded(lines: Any) -> list[list[str]]:
    """Return the words that processes get: `$$` is still to become `$`, which happens at the start."""
    assert all("$" not in word.replace("$$", "") for line in lines for word in line[1])
    return [[word.replace("$$", "$") for word in line[1]] for line in lines]


@pytest.mark.bed
@pytest.mark.conformance("HOLE-01")
async def test_processes_get_every_word_as_it_was_meant(bus: Bus, tmp_path: Path) -> None:
    systemd, directory = BusSystemd(bus), UnitDirectory(UNITS)
    unit = UnitName.parse(f"test{secrets.token_hex(4)}.service")
    out = tmp_path / "words"
    try:
        for words in [*SPECIAL, *batch()[:10]]:
            script = Exec.line("/bin/sh", "-c", 'printf "%s\\0" "$@" > "$0"', str(out), *words)
            await directory.write(unit, unit_text(script, ("Type", "oneshot")))
            await systemd.reload()
            await systemd.restart(unit)
            assert out.read_bytes() == b"".join(word.encode() + b"\0" for word in words)
    finally:
        with trio.CancelScope(shield=True):
            await directory.remove(unit)
            await systemd.reload()


@pytest.mark.bed
@pytest.mark.conformance("UNIT-08")
async def test_starting_a_masked_unit_is_a_conflict(bus: Bus) -> None:
    systemd, unit = BusSystemd(bus), UnitName.parse(f"town-os-test-{secrets.token_hex(4)}.service")
    (UNITS / unit).symlink_to("/dev/null")
    try:
        await systemd.reload()
        for act in (systemd.start, systemd.restart):
            with pytest.raises(Conflict, match="is masked"):
                await act(unit)
    finally:
        (UNITS / unit).unlink()
        await systemd.reload()


@pytest.mark.bed
async def test_a_lost_bus_ends_pending_calls_and_is_reconnected() -> None:
    bus, directory = Bus(), UnitDirectory(UNITS)
    systemd, unit = BusSystemd(bus), UnitName.parse(f"town-os-test-{secrets.token_hex(4)}.service")

    async def start() -> None:
        with pytest.raises(Unavailable, match="connection to systemd was lost"):
            await systemd.start(unit)

    try:
        await directory.write(unit, unit_text(RUNS, ("Type", "oneshot")))
        async with trio.open_nursery() as services:
            services.start_soon(Supervisor(SystemClock()).keep, "bus", bus.serve)
            await systemd.reload()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(start)
                while (await systemd.status(unit)).active_state != "activating":
                    await trio.sleep(0.05)
                await trio.run_process(["systemctl", "restart", "dbus.service"])
            assert (await systemd.status(unit)).active_state == "activating"
            await systemd.stop(unit)
            assert not await running(systemd, unit)
            await systemd.reset_failed(unit)  # a start that was stopped counts as one that failed
            services.cancel_scope.cancel()
    finally:
        with trio.CancelScope(shield=True):
            await directory.remove(unit)
            await trio.run_process(["systemctl", "daemon-reload"])


@pytest.mark.bed
async def test_a_bus_that_comes_back_serves_again(tmp_path: Path) -> None:
    bus = Bus()
    for _ in range(2):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bus.serve)
            assert (await BusSystemd(bus).status(UnitName.parse("dbus.service"))).active_state == "active"
            nursery.cancel_scope.cancel()
