"""The main job on real parts: install a package from a git repository, see it run, read its log, uninstall it."""

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest

from tests.bed.kernel import wait_until
from tests.bed.places import SERVICE
from tests.e2e.api import Api
from tests.e2e.appliance import Appliance

pytestmark = pytest.mark.timeout(300)

UNIT = "town-os-package--main-web-1.0.service"
WEB = """
description: A small web server
image: nginx
environment: {GREETING: "@greeting@"}
network: {external: {"@port@": "80"}}
volumes: {site: {mountpoint: /data, quota: 100mb, uid: 33, gid: 33}}
questions:
  greeting: {query: What shall it say?, default: Welcome}
  port: {query: At which port?, type: port}
  password: {query: Which password?, type: secret}
notes:
  page: {type: url, value: "http://@LOCAL_EXTERNAL_HOST@:@port@/?@password@"}
"""
FILES = {
    "packages/web/1.0.yaml": WEB,
    "packages/bad/1.0.yaml": "image: [",
    "packages/dies/1.0.yaml": (
        "image: busybox\ncommand: [sh, -c, echo the reason is this; exit 3]\nvolumes: {data: {mountpoint: /data}}"
    ),
    "packages/absent/1.0.yaml": "image: docker.io/library/there-is-no-such-image\nvolumes: {data: {mountpoint: /data}}",
    "featured.json": '["web"]',
}


@pytest.fixture(scope="module", autouse=True)
def _repository(town: Appliance) -> None:
    town.package_repository("main", FILES)
    town.wait_for_boot()


def install(admin: Api, name: str, **responses: str) -> None:
    admin.post("/packages/install", repo="main", name=name, version="1.0", responses=responses)


def uninstall(admin: Api, name: str, *, purge: bool) -> None:
    admin.post("/packages/uninstall", repo="main", name=name, version="1.0", purge_volumes=purge)


def page(town: Appliance, port: int, path: str = "") -> str:
    with urllib.request.urlopen(f"http://{town.bed.address}:{port}/{path}", timeout=10) as answer:
        return str(answer.read().decode())


def answers(town: Appliance, port: int) -> bool:
    try:
        return "nginx" in page(town, port)
    except OSError:
        return False


def left_behind(town: Appliance, name: str) -> str:
    """Return every trace of a package in the machine, nothing if there is none."""
    records = "/town-os/data/repos/installed /town-os/data/repos/responses"
    places = f"/etc/systemd/system /run/town-os /town-os/installed {records}"
    return town.bed.check(
        f"find {places} -name '*{name}*' | grep -v /responses/last/;"
        f" podman ps --all --format '{{{{.Names}}}}' | grep -e -{name}-;"
        f" systemctl list-units --all --plain --no-legend 'town-os-package--main-{name}-*'; true"
    )


@pytest.mark.conformance(
    "INST-01", "INST-02", "INST-03", "INST-04", "INST-07", "INST-08", "INST-17", "UNIT-04", "SYS-02"
)
def test_an_installed_package_answers_and_is_recorded(town: Appliance, admin: Api) -> None:
    install(admin, "web", port="18090")
    assert "nginx" in page(town, 18090)
    repos = "/town-os/data/repos"
    manifest = f"{repos}/main/packages/web/1.0.yaml"
    assert town.bed.check(f"stat -c %h {manifest}").strip() == "2"
    assert town.bed.check(f"stat -c %i {manifest} {repos}/installed/main/web/1.0.yaml | uniq | wc -l").strip() == "1"
    answers = json.loads(town.bed.check(f"cat {repos}/responses/main/web/1.0.json"))
    assert answers["port"] == "18090"
    assert answers["greeting"] == "Welcome"
    assert len(answers["password"]) == 64
    state = json.loads(town.bed.check("cat /run/town-os/main-web-1.0.json"))
    assert state["ports"] == [{"external_port": 18090, "internal_port": 80, "upnp": True, "forward": False}]
    assert town.bed.check("stat -c %u:%g /town-os/installed/main/web/1.0/site").strip() == "33:33"
    info = admin.post("/packages/installed/info", repo="main", name="web", version="1.0")
    assert info["notes"]["page"].endswith(f":18090/?{answers['password']}")
    (unit,) = admin.get("/systemd/units")["entries"]
    assert unit["Name"] == UNIT
    assert unit["ActiveState"] == "active"
    assert unit["package_identifier"] == "main/web@1.0"


@pytest.mark.conformance("STO-01", "INST-04")
def test_the_quota_of_a_volume_holds_inside_the_application(town: Appliance, admin: Api) -> None:
    written = town.bed.run("podman exec town-os-package--main-web-1.0 dd if=/dev/zero of=/data/big bs=1M count=150")
    assert written.status != 0
    assert "quota" in written.error.lower()
    town.bed.check("rm -f /town-os/installed/main/web/1.0/site/big")


@pytest.mark.conformance("LOG-02", "LOG-03")
def test_a_line_of_its_log_arrives_live_and_is_in_the_tail(town: Appliance, admin: Api) -> None:
    marker = uuid.uuid4().hex
    with admin.events("/systemd/logs", unit=UNIT) as events:
        seen = next(events)
        with pytest.raises(urllib.error.HTTPError):
            page(town, 18090, marker)
        while marker not in seen.data:
            seen = next(events)
    assert seen.id
    entry = json.loads(seen.data)
    assert entry["Cursor"] == seen.id
    found = admin.get("/systemd/logs/tail", unit=UNIT, grep=marker.upper())["entries"]
    assert entry["Message"] in [one["Message"] for one in found]
    assert all(marker in one["Message"] for one in found)


def test_a_first_start_logs_no_error_of_ours(town: Appliance, admin: Api) -> None:
    entries = admin.get("/systemd/logs/tail", unit=UNIT, lines="500")["entries"]
    assert entries
    assert not [one["Message"] for one in entries if "no container with" in one["Message"]]


def test_a_caller_who_is_no_administrator_sees_no_secret(town: Appliance, admin: Api) -> None:
    person = {
        "username": "guest",
        "password": "guest pass word",
        "email": "g@example.org",
        "phone": "1",
        "real_name": "G",
    }
    admin.post("/account/create", **person)
    guest = town.api.signed_in("guest", "guest pass word")
    where = {"repo": "main", "name": "web", "version": "1.0"}
    info = guest.post("/packages/installed/info", **where)
    assert info["responses"]["password"] == "********"
    assert info["notes"]["page"].endswith("?********")
    assert guest.post("/packages/responses", **where)["password"] == "********"
    assert guest.ask("POST", "/packages/install", where).status == 403


def test_a_restart_of_town_os_leaves_the_application_alone(town: Appliance, admin: Api) -> None:
    process = "systemctl show --value --property=MainPID " + UNIT
    before = town.bed.check(process)
    town.restart()
    town.wait_for_boot()
    assert town.bed.check(process) == before
    assert "nginx" in page(town, 18090)


@pytest.mark.conformance("UNIT-10")
def test_an_administrator_restarts_town_os_and_gets_the_answer_first(town: Appliance, admin: Api) -> None:
    before = town.main_process()
    admin.post("/systemd/status", name=SERVICE, action="restart")
    town.wait_for_successor(before)
    town.wait_for_boot()


def test_unit_files_and_network_state_that_are_gone_come_back_at_the_next_start(town: Appliance, admin: Api) -> None:
    town.bed.check(f"systemctl stop {UNIT}; rm /etc/systemd/system/{UNIT} /run/town-os/*; systemctl daemon-reload")
    town.restart()
    town.wait_for_boot()
    assert wait_until(lambda: answers(town, 18090), 30)
    assert town.bed.check("ls /run/town-os").strip() == "main-web-1.0.json"


@pytest.mark.parametrize(
    ("responses", "question"),
    [
        ({"port": "0"}, "port"),
        ({"port": "18090", "nobody": "x"}, "nobody"),
        ({"greeting": "a\nb", "port": "1"}, "responses.greeting"),
    ],
)
def test_wrong_answers_are_told_by_question_and_change_nothing(
    town: Appliance, admin: Api, responses: dict[str, str], question: str
) -> None:
    reply = admin.ask(
        "POST", "/packages/install", {"repo": "main", "name": "web", "version": "1.0", "responses": responses}
    )
    assert reply.status == 422
    assert question in [error["name"] for error in reply.json()["validation_errors"]]
    assert "nginx" in page(town, 18090)


def test_other_answers_reconfigure_a_package(town: Appliance, admin: Api) -> None:
    install(admin, "web", port="18091", greeting="Hello again")
    assert answers(town, 18091)
    with pytest.raises(OSError, match="refused"):
        page(town, 18090)
    environment = town.bed.check("podman inspect --format '{{json .Config.Env}}' town-os-package--main-web-1.0")
    assert "GREETING=Hello again" in json.loads(environment)


@pytest.mark.conformance("INST-14", "INST-15", "RSP-03", "STO-08")
def test_uninstalling_keeps_the_data(town: Appliance, admin: Api) -> None:
    town.bed.check("echo precious > /town-os/installed/main/web/1.0/site/file")
    uninstall(admin, "web", purge=False)
    assert left_behind(town, "web") == ""
    assert town.bed.check("cat /town-os/uninstalled/main/web/1.0/site/file").strip() == "precious"
    last = admin.post("/packages/last-responses", repo="main", name="web")
    assert last["port"] == "18091"


def test_a_second_data_set_never_overwrites_the_first(town: Appliance, admin: Api) -> None:
    install(admin, "web", port="18090")
    town.bed.check("echo newer > /town-os/installed/main/web/1.0/site/file")
    uninstall(admin, "web", purge=False)
    assert town.bed.check("cat /town-os/uninstalled/main/web/1.0/site/file").strip() == "newer"
    snapshots = "/town-os/snapshots/uninstalled/main/web/1.0/site"
    assert "precious" in town.bed.check(f"cat {snapshots}/*-uninstall/file").split()


@pytest.mark.conformance("INST-16")
def test_uninstalling_with_purge_deletes_the_data(town: Appliance, admin: Api) -> None:
    install(admin, "web", port="18090")
    uninstall(admin, "web", purge=True)
    assert left_behind(town, "web") == ""
    assert town.bed.run("test -e /town-os/installed/main").status != 0


def test_a_package_that_does_not_stay_up_is_undone_and_tells_why(town: Appliance, admin: Api) -> None:
    reply = admin.ask("POST", "/packages/install", {"repo": "main", "name": "dies", "version": "1.0"})
    assert reply.status == 422
    assert "the reason is this" in reply.json()["detail"]
    assert left_behind(town, "dies") == ""


def test_an_image_that_does_not_exist_is_a_foreign_failure_and_leaves_nothing(town: Appliance, admin: Api) -> None:
    reply = admin.ask("POST", "/packages/install", {"repo": "main", "name": "absent", "version": "1.0"})
    assert reply.status == 502
    assert "there-is-no-such-image" in reply.json()["detail"]
    assert left_behind(town, "absent") == ""


def test_a_port_that_is_taken_is_refused_by_the_name_of_its_holder(town: Appliance, admin: Api) -> None:
    body: dict[str, Any] = {"repo": "main", "name": "web", "version": "1.0"}
    for port, holder in (("5309", "Town OS"), ("9090", "Prometheus"), ("4180", "python3")):
        reply = admin.ask("POST", "/packages/install", {**body, "responses": {"port": port}})
        assert reply.status == 409
        assert holder in reply.json()["detail"]
    assert left_behind(town, "web") == ""


@pytest.mark.conformance("REPO-10", "REPO-07")
def test_a_repository_that_cannot_be_reached_shows_its_error_and_blocks_nothing(town: Appliance, admin: Api) -> None:
    town.bed.check("mv /srv/git/main /srv/git/away")
    errors = admin.post("/repository/refresh")
    town.bed.check("mv /srv/git/away /srv/git/main")
    assert "main" in errors
    assert "harbour" not in json.dumps(errors)
    listed = {entry["name"]: entry for entry in admin.get("/repository")["entries"]}
    assert listed["main"]["error"]
    assert [entry["name"] for entry in admin.get("/packages", search="web")["entries"]] == ["web"]


def test_a_manifest_that_cannot_be_read_is_listed_with_its_error(admin: Api) -> None:
    (entry,) = admin.get("/packages", search="bad")["entries"]
    assert "YAML" in entry["error"]


@pytest.mark.conformance("AUD-01", "AUD-02")
def test_the_audit_log_has_every_action_without_secrets(admin: Api) -> None:
    entries = admin.post("/audit/log", limit=200)["entries"]
    actions = {entry["action"] for entry in entries}
    assert {"install package", "uninstall package", "add repository", "create account"} <= actions
    assert "harbour" not in json.dumps(entries)
    assert any(not entry["success"] and "the reason is this" in entry["error"] for entry in entries)
