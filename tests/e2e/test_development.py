"""What the Makefile promises developers: the preflight and the clean-up targets."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.bed import record
from tests.bed.bed import Bed
from tests.bed.options import Options
from tests.bed.places import CHECKOUT, TEST_PREFIX, BedName
from tests.bed.repositories import PackageRepository

CREDENTIALS = {"TOWN_OS_REPO_USERNAME": "town", "TOWN_OS_REPO_PASSWORD": "harbour-7"}


def make(target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        key: value for key, value in os.environ.items() if "MAKE" not in key and key not in {*CREDENTIALS, "MFLAGS"}
    }
    return subprocess.run(
        ["make", target],
        cwd=CHECKOUT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def bed(name: str) -> Bed:
    return Bed.up(Options(name=BedName(TEST_PREFIX + name), zipapp=None))


@pytest.mark.conformance("BLD-01")
def test_preflight_makes_every_check() -> None:
    done = make("preflight-dev", **CREDENTIALS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "All preflight checks passed."


@pytest.mark.conformance("BLD-01")
@pytest.mark.parametrize("missing", list(CREDENTIALS))
def test_preflight_names_the_credential_that_is_missing(missing: str) -> None:
    done = make("preflight-dev", **{**CREDENTIALS, missing: ""})
    assert done.returncode != 0
    assert f"{missing} is not set" in done.stderr
    assert "All preflight checks passed." not in done.stdout


@pytest.mark.conformance("BLD-05")
@pytest.mark.parametrize("target", ["clean-integration", "clean-btrfs"])
def test_cleaning_up_may_run_again(target: str) -> None:
    for _ in range(2):
        done = make(target)
        assert done.returncode == 0, done.stderr


@pytest.mark.conformance("BLD-05")
def test_clean_integration_stops_the_beds_of_tests() -> None:
    name = bed("clean").name
    assert make("clean-integration").returncode == 0
    assert record.read(name) is None


@pytest.mark.conformance("BLD-05")
def test_clean_btrfs_spares_the_volume_of_a_bed_that_is_up() -> None:
    kept, gone = bed("kept"), bed("gone")
    gone.stop()
    try:
        assert gone.name.volume.exists()
        assert make("clean-btrfs").returncode == 0
        assert not gone.name.volume.exists()
        assert kept.name.volume.exists()
        kept.check("echo still here > /town-os/note && sync /town-os/note")
    finally:
        kept.stop()


@pytest.mark.conformance("BLD-06")
def test_an_orphaned_loop_device_below_the_checkout_is_detached() -> None:
    image = CHECKOUT / ".cache" / "orphan.img"
    image.write_bytes(bytes(1024 * 1024))
    attach = ["losetup", "--find", "--show", str(image)]
    device = subprocess.run(attach, capture_output=True, text=True, check=True).stdout.strip()
    try:
        assert make("clean-btrfs").returncode == 0
        assert not Path("/sys/block", Path(device).name, "loop").exists()
    finally:
        image.unlink()


@pytest.mark.conformance("BLD-04")
def test_git_over_http_asks_for_the_password() -> None:
    host = bed("git")
    try:
        repository = PackageRepository.create(host, "core", {"packages/web/1.0.yaml": "image: nginx\n"})
        clone = f"git clone --quiet {repository.url} /tmp/clone && cat /tmp/clone/packages/web/1.0.yaml"
        assert host.check(clone) == "image: nginx\n"
        wrong = repository.url.replace("harbour-7", "wrong")
        assert host.run(f"GIT_TERMINAL_PROMPT=0 git ls-remote {wrong}").status != 0
        commit = repository.commit({"packages/web/1.1.yaml": "image: caddy\n", "packages/web/1.0.yaml": None})
        assert host.check(f"git ls-remote {repository.url} main").split()[0] == commit
    finally:
        host.stop()
