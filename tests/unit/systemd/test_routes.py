"""Services and their logs over HTTP."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
import trio

from tests.support.http import ADMIN, USER, Answer, AppClient, head, serving
from townos.api.routes.systemd import routes
from townos.installations.records.start_failures import StartFailures
from townos.installations.records.store import Records
from townos.installations.service_control import ServiceControl
from townos.limits import JOURNAL_FOLLOWERS_MAX
from townos.names import PackageId
from townos.systemd.entries import FIELDS
from townos.testing.journal import FakeJournal, cursor
from townos.testing.systemd import FINE, Behaviour, FakeSystemd

WEB = PackageId.parse("core", "web", "1.0")
NEWER = PackageId.parse("core", "web", "1.0.1")
CONTROLLER = "town-os-systemcontroller.service"
PAGES = "town-os-pages.service"
RUN = "/usr/bin/podman run -e DB_PASSWORD=harbour-7 docker.io/library/postgres"
DESCRIPTIONS = {WEB: "A web server", NEWER: ""}


REFUSALS = {
    "start": "systemcontroller is already running; it can only be restarted",
    "stop": "cannot stop systemcontroller",
    "enable": "enable/disable not allowed",
    "disable": "enable/disable not allowed",
}


@pytest.fixture
def systemd() -> FakeSystemd:
    fake = FakeSystemd()
    for unit in (WEB.unit, NEWER.unit, CONTROLLER, PAGES, "sshd.service", "town-os-package--core-gone-1.service"):
        fake.behaviours[unit] = FINE
    return fake


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal()


@pytest.fixture
def client(systemd: FakeSystemd, journal: FakeJournal, tmp_path: Path) -> AppClient:
    async def installed() -> dict[PackageId, str]:
        return DESCRIPTIONS

    control = ServiceControl(systemd, Records(tmp_path), StartFailures(), lambda *_: None)
    return AppClient(routes(systemd, control, journal, installed))


async def act(client: AppClient, name: str, action: str) -> Answer:
    return await client.post("/systemd/status", {"name": str(name), "action": action}, ADMIN)


@pytest.mark.conformance("UNIT-01", "UNIT-02", "UNIT-03", "UNIT-07")
async def test_only_services_of_installed_packages_are_listed(client: AppClient, systemd: FakeSystemd) -> None:
    for suffix in ("-network.service", "-upnp.service", "-fwd-80.service", "-80-tcp.socket"):
        systemd.behaviours[f"{WEB.container}{suffix}"] = FINE
    await systemd.start(WEB.unit)
    page = (await client.get("/systemd/units", USER)).json
    assert page["entries"] == [
        {
            "Name": NEWER.unit,
            "Description": NEWER.unit,
            "LoadState": "loaded",
            "ActiveState": "inactive",
            "SubState": "dead",
            "UnitFileState": "disabled",
            "package_identifier": "core/web@1.0.1",
        },
        {
            "Name": WEB.unit,
            "Description": WEB.unit,
            "LoadState": "loaded",
            "ActiveState": "active",
            "SubState": "running",
            "UnitFileState": "disabled",
            "package_identifier": "core/web@1.0",
            "package_description": "A web server",
        },
    ]


async def test_services_are_sorted_only_by_package_columns(client: AppClient) -> None:
    async def order(by: str) -> list[str]:
        answer = await client.get(f"/systemd/units?sort_by={by}&sort_order=desc", USER)
        return [entry["package_identifier"] for entry in answer.json["entries"]]

    assert await order("package_identifier") == [str(NEWER), str(WEB)]
    assert await order("package_description") == [str(WEB), str(NEWER)]
    for by in ("Name", "Description", "LoadState", "ActiveState", "SubState", "UnitFileState"):
        assert await order(by) == await order("")


@pytest.mark.conformance("UNIT-08")
async def test_an_action_concerns_exactly_the_named_unit(client: AppClient, systemd: FakeSystemd) -> None:
    for action in ("start", "stop", "restart", "enable", "disable"):
        assert (await act(client, WEB.unit, action)).status == 200
    assert systemd.calls == [(action, WEB.unit) for action in ("start", "stop", "restart", "enable", "disable")]


@pytest.mark.conformance("UNIT-08")
async def test_actions_are_for_administrators(client: AppClient, systemd: FakeSystemd) -> None:
    answer = await client.post("/systemd/status", {"name": str(WEB.unit), "action": "stop"}, USER)
    assert answer.status == 403
    assert not systemd.calls


@pytest.mark.conformance("UNIT-10")
@pytest.mark.parametrize("action", REFUSALS)
async def test_the_controller_can_only_be_restarted(action: str, client: AppClient, systemd: FakeSystemd) -> None:
    refused = await act(client, CONTROLLER, action)
    assert (refused.status, refused.detail) == (400, REFUSALS[action])
    assert not systemd.calls
    assert (await act(client, CONTROLLER, "restart")).status == 200
    assert systemd.calls == [("restart_later", CONTROLLER)]


@pytest.mark.conformance("UNIT-08")
@pytest.mark.parametrize("action", ["enable", "disable"])
async def test_system_services_are_neither_enabled_nor_disabled(
    action: str, client: AppClient, systemd: FakeSystemd
) -> None:
    assert (await act(client, "town-os-system--grafana.service", action)).status == 400
    assert not systemd.calls


@pytest.mark.conformance("UNIT-01", "UNIT-08")
@pytest.mark.parametrize("action", ["start", "stop", "restart", "enable", "disable"])
async def test_units_of_others_are_refused(action: str, client: AppClient, systemd: FakeSystemd) -> None:
    for name in ("sshd.service", "town-os-system.service", "xtown-os-package--core-web-1.0.service", "dbus.socket"):
        assert (await act(client, name, action)).status == 403
    assert not systemd.calls


@pytest.mark.conformance("UNIT-08", "HOLE-02")
@pytest.mark.parametrize(
    "name",
    [
        "",
        "town-os-package--*",
        "town-os-package--*.service",
        "town-os-package--core-web-1.?.service",
        "town-os-package--[a-z].service",
        "town-os-package--../sshd.service",
        "town-os-package--core-web-1.0",
        "town-os-package--core-web-1.0.service sshd.service",
        "/etc/systemd/system/town-os-package--core-web-1.0.service",
        "--town-os-package--core-web-1.0.service",
        "town-os-package--x%n.service",
        "town-os-package--é.service",
        "town-os-package--" + "x" * 100 + "\n.service",
    ],
)
async def test_no_hostile_name_passes(name: str, client: AppClient, systemd: FakeSystemd) -> None:
    assert (await act(client, name, "stop")).status in {400, 422}
    assert not systemd.calls


@pytest.mark.conformance("UNIT-08")
@pytest.mark.parametrize("action", ["", "kill", "Stop", "reload", "reset_failed", "_job", "__class__"])
async def test_an_unknown_action_is_named(action: str, client: AppClient, systemd: FakeSystemd) -> None:
    answer = await act(client, WEB.unit, action)
    assert answer.status == 422
    assert [field["name"] for field in answer.json["validation_errors"]] == ["action"]
    assert not systemd.calls


@pytest.mark.parametrize("action", ["start", "stop", "restart", "enable", "disable"])
async def test_a_unit_that_does_not_exist_is_not_found(action: str, client: AppClient, systemd: FakeSystemd) -> None:
    answer = await act(client, "town-os-package--core-none-1.service", action)
    assert (answer.status, answer.detail) == (404, "town-os-package--core-none-1.service: no such unit")
    assert not systemd.calls


async def test_a_job_that_fails_is_told(client: AppClient, systemd: FakeSystemd) -> None:
    systemd.behaviours[WEB.unit] = Behaviour(job="timeout")
    failed = await act(client, WEB.unit, "start")
    assert (failed.status, failed.detail) == (422, f"{WEB.unit}: the job ended with the result timeout")


@pytest.mark.conformance("LOG-03")
async def test_a_page_is_the_newest_lines_in_order(client: AppClient, journal: FakeJournal) -> None:
    for number in range(5):
        journal.write(f"line {number}", WEB.unit)
        journal.write("noise", NEWER.unit)
    page = (await client.get(f"/systemd/logs/tail?unit={WEB.unit}&lines=2", USER)).json
    assert [entry["Message"] for entry in page["entries"]] == ["line 3", "line 4"]
    assert (page["cursor"], page["end_cursor"]) == (cursor(6), cursor(8))
    assert page["entries"][0].keys() == {"Cursor", "RealtimeTimestamp", "MonotonicTimestamp", *FIELDS.values()}


@pytest.mark.conformance("LOG-03")
@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("unit=", [0, 1, 2, 3, 4, 5]),
        ("unit=__system__", [0, 1, 2, 3, 4, 5]),
        ("lines=0", []),
        ("lines=2&before=CURSOR", [1, 2]),
        ("lines=2&after=CURSOR", [4, 5]),
        ("after=CURSOR&lines=1", [4]),
        ("since=1767225602&lines=2", [2, 3]),
        ("since=1767225601&until=1767225603", [1, 2, 3]),
        ("grep=LINE%203", [3]),
        ("grep=.*", []),
        ("priority=3", [0, 2, 4]),
    ],
)
async def test_parameters_choose_the_lines(
    query: str, lines: list[int], client: AppClient, journal: FakeJournal
) -> None:
    for number in range(6):
        journal.write(f"line {number}", priority="7" if number % 2 else "3")
    page = (await client.get(f"/systemd/logs/tail?{query.replace('CURSOR', cursor(3))}", USER)).json
    assert [entry["Message"] for entry in page["entries"]] == [f"line {number}" for number in lines]


@pytest.mark.conformance("LOG-03")
async def test_an_empty_page_has_empty_cursors(client: AppClient) -> None:
    page = (await client.get("/systemd/logs/tail", USER)).json
    assert page == {"entries": [], "cursor": "", "end_cursor": ""}


@pytest.mark.conformance("LOG-03")
@pytest.mark.parametrize("name", ["lines", "since", "until", "priority"])
@pytest.mark.parametrize("text", ["x", "-1", "1.5", "1e3", "0x1", "%201", "%D9%A1", "9" * 5000, "%2B1"])
async def test_a_malformed_number_is_named(name: str, text: str, client: AppClient) -> None:
    answer = await client.get(f"/systemd/logs/tail?{name}={text}", USER)
    assert answer.status == 400
    assert answer.detail.startswith(f"invalid {name} parameter: ")


@pytest.mark.parametrize("path", ["/systemd/logs", "/systemd/logs/tail"])
@pytest.mark.parametrize("unit", ["*", "--since=1", "a/b.service", "x", "a.service%0Ab"])
async def test_a_hostile_unit_reaches_no_journal(path: str, unit: str, client: AppClient) -> None:
    answer = await client.get(f"{path}?unit={unit}", USER)
    assert answer.status in {400, 422}
    assert [field["name"] for field in answer.json["validation_errors"]] == ["unit"]


@pytest.mark.parametrize("query", ["logs?after=", "logs/tail?after=", "logs/tail?before="])
async def test_a_cursor_that_is_none_is_refused(query: str, client: AppClient) -> None:
    for text in ("x", "--merge", cursor(0) + "x", cursor(0).upper()):
        answer = await client.get(f"/systemd/{query}{text.replace(';', '%3B').replace('=', '%3D')}", USER)
        assert answer.status == 400, text


class Reader:
    """Reads a stream of events from the real server; the frames of the transfer encoding are passed over."""

    def __init__(self, connection: trio.SocketStream, received: bytes) -> None:
        self._connection = connection
        self._received = received
        self.command_line = ""

    @classmethod
    async def begin(
        cls, connection: trio.SocketStream, path: str, *headers: str, caller: Mapping[str, str] = USER
    ) -> "Reader":
        signed_in = f"Authorization: {caller['Authorization']}"
        lines = (f"GET {path} HTTP/1.1", "Host: localhost", signed_in, *headers)
        await connection.send_all("\r\n".join((*lines, "", "")).encode())
        answer, received = await head(connection)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"content-type: text/event-stream" in answer.lower()
        assert b"cache-control: no-cache" in answer.lower()
        return cls(connection, received)

    async def line(self) -> str:
        while True:
            while b"\n" not in self._received:
                chunk = await self._connection.receive_some()
                assert chunk, "the server has closed the connection"
                self._received += bytes(chunk)
            line, _, self._received = self._received.partition(b"\n")
            if line.startswith((b"id: ", b"data: ", b":")):
                return line.decode().rstrip("\r")

    async def event(self) -> tuple[str, str]:
        """Return the cursor and the message of the next event, which is exactly one line of each."""
        while (identity := await self.line()).startswith(":"):
            assert identity in {":", ": gap"}
        document = msgspec.json.decode((await self.line()).removeprefix("data: "))
        assert identity == f"id: {document['Cursor']}"
        self.command_line = document["Cmdline"]
        return document["Cursor"], document["Message"]


@pytest.mark.parametrize(("caller", "seen"), [(ADMIN, RUN), (USER, "")])
async def test_command_lines_are_for_administrators(
    caller: Mapping[str, str], seen: str, client: AppClient, journal: FakeJournal
) -> None:
    """That of `podman run` has the environment of the application."""
    journal.write("ready", WEB.unit, command_line=RUN)
    page = await client.get(f"/systemd/logs/tail?unit={WEB.unit}", caller)
    assert [(entry["Message"], entry["Cmdline"]) for entry in page.json["entries"]] == [("ready", seen)]
    async with serving(client.app) as server, await server.connect() as connection:
        reader = await Reader.begin(connection, f"/systemd/logs?unit={WEB.unit}", caller=caller)
        assert await reader.event() == (cursor(0), "ready")
        assert reader.command_line == seen


@pytest.mark.conformance("LOG-02")
async def test_a_log_is_replayed_and_followed(client: AppClient, journal: FakeJournal) -> None:
    journal.write("old", WEB.unit)
    journal.write("noise", NEWER.unit)
    async with serving(client.app) as server, await server.connect() as connection:
        reader = await Reader.begin(connection, f"/systemd/logs?unit={WEB.unit}")
        assert await reader.event() == (cursor(0), "old")
        journal.write("two\nlines\r\u2028", WEB.unit)
        assert await reader.event() == (cursor(2), "two\nlines\r\u2028")
    assert journal.following == 0


@pytest.mark.conformance("LOG-02")
@pytest.mark.parametrize("name", ["Last-Event-ID", "last-event-id"])
async def test_a_returning_reader_gets_missed_entries(name: str, client: AppClient, journal: FakeJournal) -> None:
    for number in range(4):
        journal.write(f"line {number}")
    async with serving(client.app) as server:
        async with await server.connect() as connection:
            reader = await Reader.begin(connection, f"/systemd/logs?after={cursor(1)}")
            assert await reader.event() == (cursor(2), "line 2")
        async with await server.connect() as connection:
            reader = await Reader.begin(connection, f"/systemd/logs?after={cursor(0)}", f"{name}: {cursor(2)}")
            assert await reader.event() == (cursor(3), "line 3")


@pytest.mark.conformance("LOG-02")
async def test_a_cursor_that_is_gone_is_told_as_a_gap(client: AppClient, journal: FakeJournal) -> None:
    for number in range(4):
        journal.write(f"line {number}")
    journal.forget(2)
    async with serving(client.app) as server, await server.connect() as connection:
        reader = await Reader.begin(connection, f"/systemd/logs?after={cursor(0)}")
        assert await reader.line() == ": gap"
        assert [await reader.event() for _ in range(2)] == [(cursor(2), "line 2"), (cursor(3), "line 3")]


async def test_a_follower_too_many_is_told_to_come_back(client: AppClient, journal: FakeJournal) -> None:
    async with AsyncExitStack() as others:
        for _ in range(JOURNAL_FOLLOWERS_MAX):
            await others.enter_async_context(journal.follow(None))
        answer = await client.get("/systemd/logs", USER)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert journal.following == 0


@pytest.mark.conformance("LOG-02")
async def test_an_idle_log_beats(client: AppClient) -> None:
    async with serving(client.app) as server, await server.connect() as connection:
        reader = await Reader.begin(connection, "/systemd/logs")
        assert [await reader.line() for _ in range(2)] == [":", ":"]
