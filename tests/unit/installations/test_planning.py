"""What is refused before anything changes, and what a plan holds."""

from pathlib import Path
from typing import Any

import pytest
from trio.testing import MockClock

from tests.support.installations import ANSWERS, WEB, PackageHost, Process
from townos.errors import Conflict, Internal, Invalid, NoSpace, NotFound
from townos.installations.planning.install_planner import kind_of_installation
from townos.installations.planning.plans import InstallPlan, UninstallPlan, read
from townos.installations.planning.requests import Request
from townos.installations.subjects import subject_of
from townos.names import PackageId, VolumeName
from townos.operations import Step
from townos.operations.kinds import Kind, Progress, nothing
from townos.storage.paths import VolumePath
from townos.storage.volumes import DiskUsage
from townos.testing.systemd import Behaviour

OTHER = PackageId.parse("core", "other", "2")
NEWER = PackageId.parse("core", "web", "1.1")
SAME_UNIT = PackageId.parse("core-web", "x", "1.0"), PackageId.parse("core", "web-x", "1.0")
SIMPLE = 'image: nginx\nnetwork: {external: {"@port@": "80"}}\nquestions: {port: {query: Which?, type: port}}'

pytestmark = pytest.mark.usefixtures("autojump_clock")


@pytest.fixture
def host(tmp_path: Path, autojump_clock: MockClock) -> PackageHost:
    host = PackageHost(tmp_path)
    host.offer()
    host.offer(OTHER, SIMPLE)
    return host


async def planned(process: Process, package: PackageId = WEB, **answers: str) -> InstallPlan:
    return read(InstallPlan, await process.plan(package, ANSWERS | answers if package == WEB else answers))


async def refusal(process: Process, package: PackageId = WEB, **answers: str) -> str:
    """Return the text of the conflict that planning ends in."""
    with pytest.raises(Conflict) as error:
        await planned(process, package, **answers)
    return error.value.text()


@pytest.mark.parametrize(
    ("port", "holder"),
    [("5309", "Town OS"), ("8080", "pages"), ("3000", "Grafana"), ("9090", "Prom"), ("9100", "Node")],
)
async def test_a_port_of_the_appliance_is_refused(host: PackageHost, port: str, holder: str) -> None:
    async with host.process() as process:
        text = await refusal(process, port=port)
    assert port in text
    assert holder in text
    assert host.left() == set()


async def test_a_port_of_another_package_is_refused_even_if_it_does_not_run(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(OTHER, {"port": "8081"})
        await host.systemd.stop(OTHER.unit)
        assert "core/other@2" in await refusal(process, port="8081")


async def test_a_port_that_a_process_listens_on_is_refused_with_its_name(host: PackageHost) -> None:
    host.sockets.holders = {8081: "sshd", 9000: "dnsmasq"}
    async with host.process() as process:
        assert "sshd" in await refusal(process, port="8081")
        assert "dnsmasq" in await refusal(process, port="8082")


async def test_a_port_that_another_installation_is_about_to_take_is_refused(host: PackageHost) -> None:
    async with host.process() as process:
        seen: list[str] = []

        async def look(_: Progress) -> None:
            seen.append(await refusal(process, port="8085"))

        plan = await planned(process, OTHER, port="8085")
        process.operations.register(Kind("install", lambda *_: (Step("look", look, nothing),)))
        await process.operations.run("install", subject_of(OTHER), _plain(plan))
    assert "core/other@2" in seen[0]


def _plain(plan: InstallPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__struct_fields__ if name not in {"volumes", "previous"}} | {
        "volumes": []
    }


async def test_a_running_package_keeps_its_own_ports(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        host.sockets.holders = {8081: "nginx", 9000: "nginx"}
        assert (await planned(process)).ports == [8081, 9000]


@pytest.mark.conformance("QST-02", "QST-08")
async def test_generated_answers_are_made_once_and_kept_in_the_plan(host: PackageHost) -> None:
    host.sockets.holders = dict.fromkeys(range(10_000, 60_000), "x")
    async with host.process() as process:
        plan = await process.plan(WEB, {"greeting": "", "password": "auto", "port": "auto"})
        made = read(InstallPlan, plan)
        assert made.answers["greeting"] == "hello"
        assert made.answers["port"] == "60000"
        assert len(bytes.fromhex(made.answers["password"])) == 32
        await process.operations.run("install", subject_of(WEB), plan)
        assert await process.records.answers(WEB) == made.answers
    assert f"PASSWORD={made.answers['password']}" in made.unit


async def test_an_answer_of_thousands_of_digits_is_only_a_wrong_answer(host: PackageHost) -> None:
    async with host.process() as process:
        with pytest.raises(Invalid) as error:
            await planned(process, port="9" * 5000)
    assert [field.name for field in error.value.fields] == ["port"]


@pytest.mark.conformance("QST-09")
async def test_wrong_answers_are_told_together_and_change_nothing(host: PackageHost) -> None:
    async with host.process() as process:
        with pytest.raises(Invalid) as error:
            await process.install(answers={"port": "0", "size": "lots", "greeting": "a\nb", "more": "x"})
    assert [field.name for field in error.value.fields] == ["greeting", "more", "port", "size"]
    assert host.left() == set()


async def test_a_unit_of_another_identity_is_not_taken_over(host: PackageHost) -> None:
    first, second = SAME_UNIT
    for package in SAME_UNIT:
        host.offer(package, "image: nginx")
    async with host.process() as process:
        await process.install(first, {})
        text = await refusal(process, second)
    assert first.unit in text
    assert "core-web/x@1.0" in text


async def test_a_package_in_no_repository_is_not_found(host: PackageHost) -> None:
    async with host.process() as process:
        with pytest.raises(NotFound):
            await planned(process, PackageId.parse("core", "gone", "1"))
        with pytest.raises(NotFound):
            await process.installations.lifecycle_planner.uninstall(WEB, purge=False)


@pytest.mark.conformance("INST-04")
async def test_a_quota_of_zero_is_the_default_one(host: PackageHost) -> None:
    async with host.process() as process:
        await process.settings.set("default_quota", "7GB")
        plan = await planned(process)
    assert {volume.name: volume.quota for volume in plan.volumes} == {"data": 2 * 1024**3, "logs": 7 * 1024**3}


async def test_a_plan_is_refused_when_the_kind_of_operation_has_changed(host: PackageHost) -> None:
    host.offer(NEWER)
    async with host.process() as process:
        loaded, state = await process.inspection.load(NEWER), await process.installations.installed.state()
        kind = kind_of_installation(loaded, state)
        await process.install()
        with pytest.raises(Conflict, match="a moment ago"):
            await process.installations.install_planner.prepare(Request(loaded, ANSWERS), kind, state)


async def test_a_reconfiguration_keeps_the_answers_that_are_not_given(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install(answers={"greeting": "hi"})
        generated = await process.records.answers(WEB)
        await process.install(answers={"size": "3gb"})
        assert await process.records.answers(WEB) == generated | {"size": "3gb"}


async def test_a_stored_answer_that_nothing_asks_for_any_more_is_dropped(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        await process.records.restore(WEB, ANSWERS | {"colour": "blue"})
        assert (await planned(process)).answers == ANSWERS


async def test_a_package_that_left_its_repository_can_still_be_reconfigured(host: PackageHost) -> None:
    async with host.process() as process:
        await process.install()
        (host.repositories / "core/packages/web/1.0.yaml").unlink()
        await process.install(answers=ANSWERS | {"greeting": "again"})
        assert (await process.records.answers(WEB))["greeting"] == "again"


async def test_a_package_with_damaged_answers_can_be_repaired_and_removed(host: PackageHost) -> None:
    answers = host.repositories / "responses/core/web/1.0.json"
    async with host.process() as process:
        await process.install()
        answers.write_text("{")
        await process.install()
        assert await process.records.answers(WEB) == ANSWERS
        answers.write_text("{")
        await process.uninstall(purge=True)
        assert await process.inspection.installed() == []


@pytest.mark.conformance("INST-15")
async def test_every_volume_of_a_package_moves_whatever_its_manifest_says(host: PackageHost) -> None:
    longest = VolumeName.parse("v" * 128)
    for path in (
        VolumePath.installed(WEB, longest),
        VolumePath.uninstalled(WEB, longest),
        VolumePath.installed(NEWER, longest),
    ):
        host.volumes.add(path)
    async with host.process() as process:
        await process.install()
        plan = read(UninstallPlan, await process.installations.lifecycle_planner.uninstall(WEB, purge=False))
        assert [volume.name for volume in plan.volumes] == ["data", "logs", longest]
        await process.uninstall()
    kept = [path.parts[-1] for path in host.volumes.quotas if path.area.value == "uninstalled"]
    assert sorted(kept) == ["data", "logs", longest]
    assert VolumePath.installed(NEWER, longest) in host.volumes.quotas


async def test_the_unit_of_a_package_that_is_left_half_done_is_refused(host: PackageHost) -> None:
    first, second = SAME_UNIT
    for package in SAME_UNIT:
        host.offer(package, "image: nginx\nvolumes: {data: {mountpoint: /data}}")
    host.systemd.behaviours[first.unit] = Behaviour(job="failed")
    host.volumes.failures["delete"].append(Internal("unit.failed", "no"))
    async with host.process() as process:
        with pytest.raises(Invalid, match="will be tried again at the next start"):
            await process.install(first, {})
        host.systemd.behaviours.clear()
        assert str(first) in await refusal(process, second)  # else the next start would remove its unit
    async with host.process() as process:
        await process.install(second, {})
    assert host.running(second)


async def test_a_full_disk_refuses_new_installations_and_upgrades_but_lets_packages_go(host: PackageHost) -> None:
    host.offer(NEWER)
    async with host.process() as process:
        await process.install()
        before = host.left()
        host.volumes.disk = DiskUsage(total=1000, used=950, available=50)
        for package, answers in ((OTHER, {"port": "8082"}), (NEWER, ANSWERS)):
            with pytest.raises(NoSpace, match="950 bytes of 1000 bytes are used"):
                await process.install(package, answers)
        assert host.left() == before
        await process.uninstall(purge=True)
        assert not host.running()
