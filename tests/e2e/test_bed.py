"""The test host keeps its promises: what `make bed`, `bed-exec` and `bed-stop` say they do."""

import hashlib
import json
import os
import random
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed import kernel, record
from tests.bed.bed import Bed, stop
from tests.bed.options import Options, service_settings
from tests.bed.places import CHECKOUT, INSTANCE, BedError, BedName

NAME = "testbed"
SHARED = "testshared"


def make(*arguments: str, name: str = NAME, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make from elsewhere, as a stranger would, without what this make has put into the environment."""
    clean = {key: value for key, value in os.environ.items() if "MAKE" not in key and key not in {"CMD", "MFLAGS"}}
    return subprocess.run(
        ["make", "-C", str(CHECKOUT), *arguments],
        cwd="/",
        env={**clean, "BED_NAME": name, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def boot(name: str = NAME, **environment: str) -> dict[str, str]:
    """`make bed`, and read its last line."""
    done = make("bed", name=name, **environment)
    assert done.returncode == 0, done.stderr
    where: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return where


def answered(url: str) -> int:
    with urllib.request.urlopen(f"{url}/status/ping", timeout=10) as reply:
        return int(reply.status)


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    for name in (NAME, f"{NAME}b"):
        stop(BedName(name))


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """The name of a bed for tests that only look at it."""
    boot(SHARED)
    yield SHARED
    stop(BedName(SHARED))


def execute(name: str, command: str) -> subprocess.CompletedProcess[str]:
    """`make bed-exec` without make's own lines."""
    return make("-s", "bed-exec", f"CMD={command}", name=name)


def recorded() -> list[str]:
    """Return the beds that these tests have booted and not stopped, but for the shared one."""
    return [other.text for other in record.everyone() if other.instance == INSTANCE and other.text.startswith(NAME)]


def machine_state() -> dict[str, object]:
    """All that these beds could leave behind on this machine, where others may come and go meanwhile."""

    def lines(*argv: str) -> list[str]:
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()

    of_beds = [path for path in Path("/proc").glob("[0-9]*/cmdline") if _mentions_beds(path)]
    name = BedName(NAME)
    return {
        "mounts": lines("mount"),
        "loop devices": [line for line in lines("losetup", "--all") if str(name.volume) in line],
        "network namespaces": lines("ip", "netns"),
        "links": [line for line in lines("ip", "-oneline", "link") if f" {name.link}" in line],
        "processes": of_beds,
        "control groups": kernel.groups(name.machine),
        "records": recorded(),
    }


def _mentions_beds(cmdline: Path) -> bool:
    try:
        text = cmdline.read_bytes()
    except OSError:
        return False
    return BedName(NAME).machine.encode() in text


@pytest.mark.conformance("BLD-06")
def test_booting_and_stopping_twice_leaves_the_machine_as_it_was() -> None:
    before = machine_state()
    for _ in range(2):
        assert answered(boot()["url"]) == 200
        assert make("bed-stop").returncode == 0
    assert machine_state() == before


def test_the_limit_on_inotify_instances_is_restored_by_the_last_bed() -> None:
    boot()
    assert int(kernel.INOTIFY.read_text()) >= 1024
    stop(BedName(NAME))
    if not record.everyone():
        assert not kernel.INOTIFY_SAVED.exists()


def test_the_last_line_tells_where_the_bed_is() -> None:
    where = boot()
    assert answered(where["url"]) == 200
    assert answered(f"http://{where['address']}:5309") == 200
    told = Bed.attach(BedName(NAME)).check("ip route get " + where["host"])
    assert where["address"] in told


def test_a_command_arrives_byte_for_byte(shared: str) -> None:
    dice = random.Random(5309)
    noise = "".join(dice.choice('$()#\\\n\t "%=:;&|<>{}`~*?[]!éx') for _ in range(58_000))
    command = f"printf %s '{noise}' \"it's\" | sha256sum"
    expected = hashlib.sha256(f"{noise}it's".encode()).hexdigest()
    assert len(command.encode()) > 60_000
    for done in (execute(shared, command), make("-s", "bed-exec", name=shared, CMD=command)):
        arrived = done.stdout.split()[:1]
        assert arrived == [expected]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("echo $HOME \"$(echo 'two  words')\" # no more", "/root two  words\n"),
        ("echo '$(shell id)' ${HOME} '$$'", "$(shell id) /root $$\n"),
        ("printf 'a\\nb\n c\\\\'", "a\nb\n c\\"),
        ("echo one\necho two", "one\ntwo\n"),
        ("cat /proc/1/comm", "systemd\n"),
        ("echo %s '%n' $1", "%s %n\n"),
    ],
)
def test_the_shell_sees_written_files(shared: str, command: str, output: str) -> None:
    done = execute(shared, command)
    assert done.stdout == output, done.stderr


def test_output_errors_and_status_are_passed_on(shared: str) -> None:
    done = execute(shared, "echo out; echo err >&2; exit 7")
    assert done.stdout == "out\n"
    assert "err\n" in done.stderr
    assert "Error 7" in done.stderr
    assert done.returncode != 0
    assert execute(shared, "true").returncode == 0


def test_the_tools_for_checks_are_inside(shared: str) -> None:
    tools = "python3 podman btrfs mkfs.btrfs socat qemu-system-x86_64 qemu-img ps pgrep find systemd-analyze curl git"
    assert execute(shared, f"for t in {tools}; do command -v $t >/dev/null || echo $t; done").stdout == ""


@pytest.mark.conformance("BLD-03")
def test_the_registry_inside_answers_for_the_public_ones(shared: str) -> None:
    images = ("docker.io/library/nginx", "docker.io/library/caddy:latest", "quay.io/library/busybox", "busybox")
    for image in images:
        pulled = execute(shared, f"podman pull --quiet {image}")
        assert pulled.returncode == 0, pulled.stderr
    inside = "dd if=/dev/zero bs=512 count=2 | wc -c; httpd --help 2>&1 | head -c 7"
    assert execute(shared, f"podman run --rm busybox sh -c '{inside}'").stdout == "1024\nBusyBox"
    page = execute(shared, "podman run --rm nginx cat /usr/share/nginx/html/index.html").stdout
    assert page.startswith("<!DOCTYPE html>")


def test_files_are_laid_over_with_their_modes(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "town-os/data").mkdir(parents=True)
    (tmp_path / "town-os/data/kept").write_text("mine")
    (tmp_path / "town-os/data/kept").chmod(0o640)
    (tmp_path / "usr/local/bin").mkdir(parents=True)
    (tmp_path / "usr/local/bin/tool").write_text("#!/bin/sh\necho tool runs\n")
    (tmp_path / "usr/local/bin/tool").chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/merged").write_text("")
    os.chown(tmp_path / "town-os/data/kept", 1234, 1234)
    boot(BED_FILES=str(tmp_path))
    shown = make(
        "-s",
        "bed-exec",
        "CMD=stat -c '%a %U %n' / /town-os/data/kept; cat /town-os/data/kept; tool; ls /usr/bin/merged",
    )
    assert shown.stdout == "755 root /\n640 root /town-os/data/kept\nminetool runs\n/usr/bin/merged\n", shown.stderr


def test_the_volume_is_kept_only_when_asked() -> None:
    boot()
    execute(NAME, "echo kept > /town-os/note")
    make("bed-stop")
    boot(BED_KEEP="1")
    assert execute(NAME, "cat /town-os/note").stdout == "kept\n"
    boot(BED_KEEP="1")
    assert execute(NAME, "cat /town-os/note").stdout == "kept\n"
    boot()
    assert execute(NAME, "cat /town-os/note").returncode != 0


def test_two_beds_stand_side_by_side() -> None:
    first, second = boot(), boot(f"{NAME}b")
    assert first["address"] != second["address"]
    for where in (first, second):
        assert answered(where["url"]) == 200
    make("bed-stop")
    assert answered(second["url"]) == 200


def test_the_service_gets_its_variables_and_the_bed_its_port() -> None:
    given = 'TOWN_OS_TEST_REPO_CORE_URL=http://town:a%20b@127.0.0.1:4180/core?x=$1&y=%n LOG_LEVEL=info TWO="two words"'
    busy = boot()["url"].rpartition(":")[2]
    assert boot(BED_ENV=given, BED_PORT=busy)["url"] == f"http://127.0.0.1:{busy}"
    process = "$(systemctl show --value --property=MainPID town-os-systemcontroller.service)"
    seen = execute(NAME, f"tr '\\0' '\\n' < /proc/{process}/environ").stdout.splitlines()
    assert "TOWN_OS_TEST_REPO_CORE_URL=http://town:a%20b@127.0.0.1:4180/core?x=$1&y=%n" in seen
    assert "TWO=two words" in seen


def test_a_port_that_is_taken_is_told() -> None:
    other = boot(f"{NAME}b")["url"].rpartition(":")[2]
    done = make("bed", BED_PORT=other)
    assert done.returncode != 0
    assert f"port {other} of this machine is taken" in done.stderr
    assert record.read(BedName(NAME)) is None


def test_a_bed_that_died_is_swept_away() -> None:
    boot(f"{NAME}b")
    dead = record.require(BedName(f"{NAME}b"))
    os.kill(dead.owner, 9)
    assert kernel.wait_until(lambda: not dead.owned, 30)
    boot()
    assert recorded() == [NAME]


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"BED_NAME": "Not-a-name"}, "one to ten of a-z and 0-9"),
        ({"BED_NAME": "elevenchars"}, "one to ten of a-z and 0-9"),
        ({"BED_PORT": "http"}, "BED_PORT is a port number"),
        ({"BED_PORT": "65536"}, "BED_PORT is a port number"),
        ({"BED_ENV": "novalue"}, "NAME=VALUE"),
        ({"BED_ENV": "A='open"}, "cannot be read"),
        ({"BED_FILES": "/no/such/directory"}, "names no directory"),
    ],
)
def test_wrong_variables_are_told(variables: dict[str, str], complaint: str) -> None:
    with pytest.raises(BedError, match=complaint):
        Options.read(variables)


def test_variables_are_quoted_for_systemd() -> None:
    assert service_settings({"A": 'b"c\\d%e'}) == '[Service]\nEnvironment="A=b\\"c\\\\d%%e"\n'
