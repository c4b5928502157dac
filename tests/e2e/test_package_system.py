"""The package system on real parts: every kind of question, seeds, templates, upgrades and the way back."""

import json
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from tests.bed.kernel import wait_until
from tests.bed.repositories import PackageRepository, url
from tests.e2e.api import Api
from tests.e2e.appliance import Appliance
from tests.e2e.keeper import STAY

pytestmark = pytest.mark.timeout(600)

"""A program that stays until it is stopped; `sleep` itself would be deaf to SIGTERM as the first process."""
ASKS_EVERYTHING = f"""
description: Asks every kind of question
image: busybox
command: [sh, -c, "{STAY}"]
environment:
  TEXT: "@text@"
  PORT: "@port@"
  HOST: "@host@"
  VOLUME: "@store@"
  BYTES: "@size@"
  ARCHIVE: "@archive@"
  DURATION: "@pause@"
  SECRET: "@secret@"
  UNKNOWN: "@nobody@"
network: {{external: {{"@port@": "80"}}}}
volumes:
  data: {{mountpoint: "/mnt/@store@", quota: "@size@", uid: 1000, gid: 1000}}
questions:
  text: {{query: Any text?, default: some text}}
  port: {{query: Which port?, type: port}}
  host: {{query: Which host name?, type: hostname}}
  store: {{query: Which volume?, type: volume, default: my-volume}}
  size: {{query: How much?, type: bytes, default: 20mb}}
  archive: {{query: Which archive?, type: archive, default: files.tar.gz}}
  pause: {{query: How long?, type: duration, default: 2h}}
  secret: {{query: Which secret?, type: secret}}
notes:
  page: {{type: url, value: "http://@LOCAL_EXTERNAL_HOST@:@port@/"}}
  clone: {{type: url, value: "ssh://git@@host@:@port@"}}
  mail: {{type: email, value: "admin@@example.org"}}
  phone: {{type: phone, value: "+49 (30) 1234-5"}}
  plain: {{value: "the secret is @secret@"}}
templates:
  config:
    volume: data
    path: etc/config.ini
    content: |
      [{{{{.Package.Name}}}} {{{{.Package.Version}}}} of {{{{.Package.Repo}}}}]
      text={{{{.Responses.text | printf "%q"}}}}
      missing={{{{.Responses.nothing}}}}
      host={{{{if .System.Hostname}}}}known{{{{end}}}}
"""
SEEDED = f"""
image: busybox
command: [sh, -c, "{STAY}"]
volumes:
  pages: {{mountpoint: /pages, quota: 50mb}}
  code: {{mountpoint: /code, git: "@source@"}}
  gone: {{mountpoint: /gone, git: "{url("there-is-none", credentials=False)}"}}
archives: [{{image: nginx, directory: /usr/share/nginx/html, volume: pages}}]
git_sources: []
questions: {{source: {{query: From where?}}}}
"""


REPOSITORY = f"""
image: busybox
command: [sh, -c, "{STAY}"]
volumes: {{code: {{mountpoint: /code, quota: 50mb}}}}
git_sources: [{{url: "@source@", branch: main, volume: code}}]
questions: {{source: {{query: From where?}}}}
"""


def counter(version: str, program: str) -> str:
    """Return the manifest of a version that counts its starts in its volume, and then does this."""
    return f"""
description: Counter {version}
image: busybox
command: [sh, -c, {json.dumps(program)}]
environment: {{COLOUR: "@colour@"}}
volumes: {{data: {{mountpoint: /data, quota: 20mb}}, log{version[0]}: {{mountpoint: /log}}}}
questions: {{colour: {{query: Which colour?, default: blue}}}}
"""


FILES = {
    "packages/asks/1.0.yaml": ASKS_EVERYTHING,
    "packages/seeded/1.0.yaml": SEEDED,
    "packages/code/1.0.yaml": REPOSITORY,
    "packages/counter/1.0.yaml": counter("1.0", f"echo 1.0 >>/data/starts; {STAY}"),
    "packages/counter/2.0.yaml": counter("2.0", f"echo 2.0 >>/data/starts; {STAY}"),
    "packages/counter/3.0.yaml": counter("3.0", "echo I cannot go on; sleep 3; exit 1"),
    "packages/counter/4.0.yaml": counter("4.0", "echo spoiled >/data/starts; rm -f /data/kept; sleep 1; exit 7"),
    "packages/counter/5.0.yaml": counter("5.0", "exit 0"),
    "packages/bad/1.0.yaml": "image: nginx\nvm: {image: disk}\nvolumes:\n  data: {mountpoint: data}\n",
    "featured.json": '["counter"]',
}


@pytest.fixture(scope="module", autouse=True)
def repository(town: Appliance) -> PackageRepository:
    made = town.package_repository("main", FILES)
    town.wait_for_boot()
    town.admin().post("/settings/set", key="upgrade_watch_seconds", value="5")
    return made


def where(name: str, version: str = "1.0") -> dict[str, str]:
    return {"repo": "main", "name": name, "version": version}


def container(name: str, version: str = "1.0") -> str:
    return f"town-os-package--main-{name}-{version}"


def volume(name: str, version: str, volume: str, area: str = "installed") -> str:
    return f"/town-os/{area}/main/{name}/{version}/{volume}"


def environment(town: Appliance, name: str, version: str = "1.0") -> Mapping[str, str]:
    """Return the environment that the first process of a container really has."""
    assert wait_until(lambda: is_in(town, name, version), 30)
    text = town.bed.check(f"podman exec {container(name, version)} cat /proc/1/environ")
    return dict(line.split("=", 1) for line in text.split("\0") if line)


def newest(admin: Api) -> dict[str, Any]:
    operation: dict[str, Any] = admin.get("/operations", limit=1)["entries"][0]
    return operation


def running(town: Appliance, name: str, version: str) -> bool:
    return town.bed.run(f"systemctl is-active --quiet {container(name, version)}").status == 0


def is_in(town: Appliance, name: str, version: str = "1.0") -> bool:
    """Tell whether one can enter the container: its service is active a moment earlier."""
    return town.bed.run(f"podman exec {container(name, version)} true").status == 0


@pytest.mark.conformance("QST-01", "QST-02", "QST-03", "QST-04", "QST-05", "QST-06", "QST-07", "QST-08", "SUB-02")
def test_every_kind_of_question_reaches_the_program(town: Appliance, admin: Api) -> None:
    text = """quotes " ' and $HOME ${PATH} %n \\ ünïcödé"""
    admin.post("/packages/install", **where("asks"), responses={"text": text, "pause": "90s", "host": "Router"})
    answers = json.loads(town.bed.check("cat /town-os/data/repos/responses/main/asks/1.0.json"))
    seen = environment(town, "asks")
    assert seen["TEXT"] == text
    assert seen["HOST"] == "router"
    assert (seen["BYTES"], seen["DURATION"]) == (str(20 * 1024**2), "90")
    assert (seen["VOLUME"], seen["ARCHIVE"], seen["UNKNOWN"]) == ("my-volume", "files.tar.gz", "@nobody@")
    assert 10_000 <= int(seen["PORT"]) <= 60_000
    assert len(bytes.fromhex(seen["SECRET"])) == 32
    assert (answers["port"], answers["secret"], answers["pause"]) == (seen["PORT"], seen["SECRET"], "90s")
    info = admin.post("/packages/installed/info", **where("asks"))
    assert info["notes"]["clone"] == f"ssh://git@Router:{seen['PORT']}"
    assert info["notes"]["mail"] == "admin@example.org"
    assert info["note_types"] == {"page": "url", "clone": "url", "mail": "email", "phone": "phone"}


@pytest.mark.conformance("TPL-01", "TPL-02", "TPL-03", "TPL-04", "INST-06")
def test_templates_are_rendered_into_the_volume_before_the_start(town: Appliance, admin: Api) -> None:
    config = town.bed.check(f"podman exec {container('asks')} cat /mnt/my-volume/etc/config.ini")
    lines = config.splitlines()
    assert lines[0] == "[asks 1.0 of main]"
    assert lines[1].startswith('text="quotes \\" ')
    assert lines[2:] == ["missing=<no value>", "host=known"]
    path = volume("asks", "1.0", "data")
    assert town.bed.check(f"stat -c '%a %u:%g' {path}/etc/config.ini {path}/etc").split("\n")[:2] == [
        "600 1000:1000",
        "750 1000:1000",
    ]


@pytest.mark.conformance("TPL-05")
def test_a_restart_never_overwrites_a_file_and_brings_a_missing_one_back(town: Appliance, admin: Api) -> None:
    path = volume("asks", "1.0", "data")
    town.bed.check(f"echo mine >{path}/etc/config.ini")
    town.restart()
    town.wait_for_boot()
    assert town.bed.check(f"cat {path}/etc/config.ini") == "mine\n"
    town.bed.check(f"rm {path}/etc/config.ini; systemctl stop {container('asks')}")
    town.restart()
    town.wait_for_boot()
    assert "[asks 1.0 of main]" in town.bed.check(f"cat {path}/etc/config.ini")
    assert wait_until(lambda: is_in(town, "asks"), 30)


@pytest.mark.conformance("STO-01")
def test_a_write_beyond_the_quota_fails_in_the_container(town: Appliance, admin: Api) -> None:
    written = town.bed.run(f"podman exec {container('asks')} dd if=/dev/zero of=/mnt/my-volume/big bs=1M count=40")
    assert written.status != 0
    assert "quota" in written.error.lower()


def test_all_wrong_answers_are_reported_in_their_fixed_texts(admin: Api) -> None:
    wrong = {"port": "70000", "host": "-", "size": "lots", "pause": "1w", "store": "a/b", "who": "x", "text": "a\tb"}
    reply = admin.ask("POST", "/packages/install", {**where("asks"), "responses": wrong})
    errors = {error["name"]: error["error"] for error in reply.json()["validation_errors"]}
    assert reply.status == 422
    assert set(errors) == {*wrong} or "responses.text" in errors
    assert errors.get("who", "response does not match a prompt question") == "response does not match a prompt question"


@pytest.mark.conformance("INST-05", "ARC-06", "ARC-07", "GIT-18", "PKG-12")
def test_empty_volumes_are_seeded_and_a_failing_seed_is_reported(town: Appliance, admin: Api) -> None:
    source = PackageRepository.create(town.bed, "code", {"README": "hello\n", "bin/run": "#!/bin/sh\n"})
    admin.post("/packages/install", **where("seeded"), responses={"source": source.url})
    assert "nginx" in town.bed.check(f"podman exec {container('seeded')} cat /pages/index.html")
    assert town.bed.check(f"podman exec {container('seeded')} cat /code/README") == "hello\n"
    assert "harbour" not in town.bed.check(f"cat {volume('seeded', '1.0', 'code')}/.git/config")
    operation = newest(admin)
    assert operation["state"] == "succeeded"
    (warning,) = next(step["warnings"] for step in operation["steps"] if step["name"] == "seed")
    assert warning.startswith("gone: ")
    assert town.bed.check(f"ls -A {volume('seeded', '1.0', 'gone')}") == ""


@pytest.mark.conformance("ARC-08", "GIT-20")
def test_rebuilding_applies_new_commits_and_keeps_local_changes(town: Appliance, admin: Api) -> None:
    source = PackageRepository(town.bed, "code")
    admin.post("/packages/install", **where("code"), responses={"source": source.url})
    code = volume("code", "1.0", "code")
    town.bed.check(f"echo local >{code}/local")
    process = f"systemctl show --value --property=MainPID {container('code')}"
    before = town.bed.check(process)
    source.commit({"README": "hello again\n"})
    assert admin.post("/packages/installed/info", **where("code"))["has_git"] is True
    assert admin.post("/packages/rebuild-git", **where("code")) == {}
    assert town.bed.check(f"cat {code}/README {code}/local") == "hello again\nlocal\n"
    assert town.bed.check(process) != before
    assert running(town, "code", "1.0")


def test_a_rebuild_that_cannot_reach_its_repository_changes_nothing(town: Appliance, admin: Api) -> None:
    town.bed.check("mv /srv/git/code /srv/git/away")
    reply = admin.ask("POST", "/packages/rebuild-git", where("code"))
    town.bed.check("mv /srv/git/away /srv/git/code")
    assert reply.status == 502
    assert town.bed.check(f"cat {volume('code', '1.0', 'code')}/README") == "hello again\n"
    assert running(town, "code", "1.0")
    assert admin.ask("POST", "/packages/rebuild-git", {"repo": "main"}).status == 400


@pytest.mark.conformance("INST-18", "UPG-01", "UPG-02")
def test_a_newer_version_is_offered_and_previewed_with_its_data(town: Appliance, admin: Api) -> None:
    admin.post("/packages/install", **where("counter"), responses={"colour": "green"})
    town.bed.check(f"echo kept >{volume('counter', '1.0', 'data')}/kept")
    (upgrade,) = admin.get("/packages/upgrades")
    assert upgrade == {
        "repo": "main",
        "name": "counter",
        "installed_version": "1.0",
        "latest_version": "5.0",
        "changed": False,
    }
    preview = admin.post("/packages/install-preview", **where("counter", "2.0"))
    assert preview["upgrading_from"] == "1.0"
    assert {one["name"]: (one["migrated"], one["fresh"]) for one in preview["volumes"]} == {
        "data": (True, False),
        "log2": (False, True),
    }
    assert preview["summary"] == (
        "Upgrade counter from 1.0 to 2.0. Image: docker.io/library/busybox:latest. "
        "2 volume(s), 1 new, 1 migrated. Configuration required."
    )


@pytest.mark.conformance("UPG-03", "UPG-04")
def test_upgrades_can_be_dismissed(admin: Api) -> None:
    ping = admin.get("/status/ping")
    assert ping["upgrades_available"] == 1
    assert "upgrades_dismissed" not in ping
    admin.post("/packages/upgrades/dismiss")
    assert admin.get("/status/ping")["upgrades_dismissed"] is True


@pytest.mark.conformance("UPG-05")
@pytest.mark.parametrize(
    ("version", "reason"), [("3.0", "I cannot go on"), ("4.0", "exit"), ("5.0", "ended by itself")]
)
def test_a_version_that_does_not_stay_up_goes_back_with_code_and_data(
    town: Appliance, admin: Api, version: str, reason: str
) -> None:
    reply = admin.ask("POST", "/packages/install", where("counter", version))
    assert reply.status == 422
    assert reason in reply.json()["detail"] or reason == "exit"
    operation = newest(admin)
    assert (operation["kind"], operation["state"]) == ("upgrade", "undone")
    assert operation["error"] == reply.json()["detail"]
    assert running(town, "counter", "1.0")
    assert environment(town, "counter")["COLOUR"] == "green"
    data = volume("counter", "1.0", "data")
    assert set(town.bed.check(f"cat {data}/starts").split()) == {"1.0"}
    assert town.bed.check(f"cat {data}/kept") == "kept\n"
    limit = town.bed.check(f"btrfs qgroup show --raw -rf {data} | tail -n1 | awk '{{print $4}}'")
    assert int(limit) == 20 * 1024**2
    assert town.bed.run(f"test -e /town-os/installed/main/counter/{version}").status != 0
    assert admin.get("/packages/installed", search="counter")["entries"] == ["main/counter@1.0"]


@pytest.mark.conformance("UPG-05")
def test_an_upgrade_that_works_takes_data_and_answers_along(town: Appliance, admin: Api) -> None:
    admin.post("/packages/install", **where("counter", "2.0"))
    assert running(town, "counter", "2.0")
    assert not running(town, "counter", "1.0")
    assert environment(town, "counter", "2.0")["COLOUR"] == "green"
    data = volume("counter", "2.0", "data")
    assert town.bed.check(f"tail -n1 {data}/starts; cat {data}/kept") == "2.0\nkept\n"
    assert town.bed.run(f"test -d {volume('counter', '1.0', 'log1', 'uninstalled')}").status == 0
    assert admin.get("/packages/installed", search="counter")["entries"] == ["main/counter@2.0"]
    assert town.bed.run("test -e /etc/systemd/system/town-os-package--main-counter-1.0.service").status != 0


def test_data_of_a_version_can_be_imported_and_kept_data_taken_back(town: Appliance, admin: Api) -> None:
    admin.post("/packages/uninstall", **where("counter", "2.0"))
    kept = admin.post("/packages/uninstalled-volumes", repo="main", name="counter")
    assert kept == {"has_uninstalled_volumes": True, "uninstalled_versions": ["1.0", "2.0"]}
    admin.post("/packages/install", **where("counter", "1.0"), import_from_version="2.0")
    assert town.bed.check(f"cat {volume('counter', '1.0', 'data')}/kept") == "kept\n"
    assert town.bed.check(f"cat {volume('counter', '2.0', 'data', 'uninstalled')}/kept") == "kept\n"
    admin.post("/packages/uninstall", **where("counter", "1.0"), purge_volumes=True)
    admin.post("/packages/install", **where("counter", "1.0"), reuse_volumes=True)
    assert town.bed.check(f"cat {volume('counter', '1.0', 'data')}/kept") == "kept\n"
    assert town.bed.run(f"test -e {volume('counter', '2.0', 'data', 'uninstalled')}").status != 0


@pytest.mark.conformance("INST-20")
def test_a_disabled_package_stays_down_after_a_restart(town: Appliance, admin: Api) -> None:
    admin.post("/packages/disable", repo="main", name="counter")
    assert not running(town, "counter", "1.0")
    town.restart()
    town.wait_for_boot()
    assert not running(town, "counter", "1.0")
    town.admin().post("/packages/enable", repo="main", name="counter")
    assert running(town, "counter", "1.0")


def test_a_manifest_that_changed_is_offered_and_taken(town: Appliance, repository: PackageRepository) -> None:
    admin = town.admin()
    changed = counter("1.0", f"echo changed >>/data/starts; {STAY}")
    repository.commit({"packages/counter/1.0.yaml": changed})
    admin.post("/repository/refresh")
    (upgrade,) = admin.get("/packages/upgrades")
    assert upgrade["changed"] is True
    (entry,) = admin.get("/packages", search="counter")["entries"]
    assert entry["changed"] is True
    admin.post("/packages/install", **where("counter", "1.0"))
    assert town.bed.check(f"tail -n1 {volume('counter', '1.0', 'data')}/starts") == "changed\n"
    assert admin.get("/packages/upgrades")[0]["changed"] is False


@pytest.mark.conformance("INST-21")
def test_a_purge_forgets_kept_data(town: Appliance) -> None:
    admin = town.admin()
    admin.post("/packages/purge-volumes", repo="main", name="counter")
    assert running(town, "counter", "1.0")
    assert town.bed.check(f"cat {volume('counter', '1.0', 'data')}/starts") == "changed\n"
    kept = admin.post("/packages/uninstalled-volumes", repo="main", name="counter")
    assert kept == {"has_uninstalled_volumes": False, "installed_versions": ["1.0"]}
    admin.post("/packages/uninstall", **where("counter", "1.0"))
    admin.post("/packages/purge-uninstalled-volumes", repo="main", name="counter")
    assert town.bed.run("test -e /town-os/uninstalled/main/counter").status != 0


def test_a_bad_manifest_is_listed_with_every_error_and_its_line(admin: Api) -> None:
    (entry,) = admin.get("/packages", search="bad")["entries"]
    assert "line 2" in entry["error"]
    assert "line 4" in entry["error"]


def test_the_authors_tool_says_the_same(town: Appliance) -> None:
    found = town.bed.run("townos.pyz check /srv/work/main")
    assert found.status == 1
    errors = [line for line in found.output.splitlines() if not line.startswith("warning:")]
    assert any(line.startswith("bad/1.0.yaml:4: volumes.data.mountpoint") for line in errors)
    assert not any("counter" in line for line in errors)


def test_cancelling_an_upgrade_puts_everything_back(town: Appliance) -> None:
    admin = town.admin()
    admin.post("/packages/install", **where("counter", "1.0"))
    identifier = "7d3f1a52-9a63-4b2f-8d5c-0f6f3f1f2a11"
    request = {**where("counter", "2.0"), "operation_id": identifier}
    with admin.events("/operations/events") as events:
        body = shlex.quote(json.dumps(request))
        asking = subprocess.Popen(
            [
                "curl",
                "-s",
                "-H",
                f"Authorization: Bearer {admin.token}",
                "-d",
                body.strip("'"),
                f"{admin.url}/packages/install",
            ],
            stdout=subprocess.PIPE,
        )
        for event in events:
            if event.event == "operation":
                seen = json.loads(event.data)
                if seen["id"] == identifier and seen["step"] == "start":
                    break
        admin.post("/operations/cancel", id=identifier)
    assert b'"status":409' in asking.communicate(timeout=60)[0]
    assert newest(admin)["state"] == "cancelled"
    assert running(town, "counter", "1.0")
    assert admin.get("/packages/installed", search="counter")["entries"] == ["main/counter@1.0"]
