"""What the Makefile promises developers: the preflight and the clean-up targets."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bed import parts
from tests.bed.bed import Bed
from tests.bed.options import Options
from tests.bed.places import CHECKOUT, TEST_PREFIX, BedName
from tests.bed.repositories import PackageRepository
from tests.bed.terminal import silence

CREDENTIALS = {"TOWN_OS_REPO_USERNAME": "town", "TOWN_OS_REPO_PASSWORD": "harbour-7"}


UP = """
import sys
from tests.bed.bed import Bed
from tests.bed.options import Options
from tests.bed.places import BedName
Bed.up(Options(name=BedName(sys.argv[1]), zipapp=None))
"""


def make(target: str, checkout: Path = CHECKOUT, /, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        key: value for key, value in os.environ.items() if "MAKE" not in key and key not in {*CREDENTIALS, "MFLAGS"}
    }
    return subprocess.run(
        ["make", target],
        cwd=checkout,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Twin:
    """A second checkout, with beds and images of its own."""

    checkout: Path

    def make(self, target: str) -> None:
        done = make(target, self.checkout)
        assert done.returncode == 0, done.stderr

    def up(self, name: str) -> Path:
        """Boot a bed, and return its image."""
        self.python("-c", UP, TEST_PREFIX + name)
        return self.checkout / f".cache/bed/volumes/{TEST_PREFIX}{name}.btrfs"

    def bed(self, command: str, name: str = "", **environment: str) -> str:
        return self.python("-m", "tests.bed", command, BED_NAME=TEST_PREFIX + name, **environment)

    def python(self, *arguments: str, **environment: str) -> str:
        command = ["/usr/bin/python3", *arguments]
        env = {**os.environ, **environment}
        return subprocess.run(command, cwd=self.checkout, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    """Cleaning up means all of a checkout: in a twin of this one it spares the beds in which other tests run now."""
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    shutil.copytree(CHECKOUT / "make", tmp_path / "make")
    shutil.copytree(CHECKOUT / "tests/bed", tmp_path / "tests/bed")
    cache = tmp_path / ".cache/bed"
    cache.mkdir(parents=True)
    with parts.assembled(Options(zipapp=None), silence) as built:
        for layer in map(Path, built.layers):
            (cache / layer.name).symlink_to(layer)
    made = Twin(tmp_path)
    yield made
    made.bed("stop-all")


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
def test_cleaning_up_may_run_again(twin: Twin, target: str) -> None:
    for _ in range(2):
        twin.make(target)


@pytest.mark.conformance("BLD-05")
def test_clean_integration_stops_the_beds_of_tests(twin: Twin) -> None:
    twin.up("clean")
    assert twin.bed("list").split() == ["testclean"]
    twin.make("clean-integration")
    assert twin.bed("list") == ""


@pytest.mark.conformance("BLD-05")
def test_clean_btrfs_spares_the_volume_of_a_bed_that_is_up(twin: Twin) -> None:
    kept, gone = twin.up("kept"), twin.up("gone")
    twin.bed("stop", "gone")
    assert gone.exists()
    twin.make("clean-btrfs")
    assert not gone.exists()
    assert kept.exists()
    twin.bed("exec", "kept", CMD="echo still here > /town-os/note && sync /town-os/note")


@pytest.mark.conformance("BLD-06")
def test_an_orphaned_loop_device_below_the_checkout_is_detached(twin: Twin) -> None:
    image = twin.checkout / ".cache" / "orphan.img"
    image.write_bytes(bytes(1024 * 1024))
    attach = ["losetup", "--find", "--show", str(image)]
    device = subprocess.run(attach, capture_output=True, text=True, check=True).stdout.strip()
    twin.make("clean-btrfs")
    assert not Path("/sys/block", Path(device).name, "loop").exists()


@pytest.mark.conformance("BLD-04")
def test_git_over_http_asks_for_the_password() -> None:
    host = Bed.up(Options(name=BedName(f"{TEST_PREFIX}git"), zipapp=None))
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
