"""What every `Podman` does: the fake in memory, and the program.

The test host has a registry that stands in for docker.io and holds busybox.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
import trio

from tests.bed.images import REGISTRY, Image, publish
from townos.containers.extraction import SEED_PREFIX
from townos.containers.podman import CommandPodman, Podman
from townos.errors import Conflict, Foreign, Invalid, NoSpace, NotFound
from townos.images import ImageDirectory, ImageReference
from townos.limits import CONTAINER_COPY_CHUNK_BYTES
from townos.testing.podman import FakePodman
from townos.testing.space import FakeDisk, filled

BUSYBOX = ImageReference("docker.io/library/busybox:latest")
UNKNOWN = ImageReference("docker.io/library/town-os-no-such-image:latest")
PUBLISHED = ImageReference("docker.io/town-os/contract:latest")
CONTAINER = "town-os-contract-test"

Trees = dict[str, dict[str, bytes]]
"""The files of the directories of an image; each directory is a layer."""

SITE: Trees = {
    "/srv/site": {"index.html": b"<h1>town</h1>", "pictures/harbour.png": b"\x89PNG" * 1000},
    "/etc/site": {"site.conf": b"port = 80\n"},
}


class Engine(Protocol):
    """An adapter, and what tests do around it."""

    podman: Podman

    def make_container(self) -> None:
        """Make a container that does not run."""

    def has_container(self) -> bool:
        """Tell whether it is there."""

    def remove_image(self) -> None:
        """Forget busybox."""

    def publish(self, trees: Trees) -> ImageReference:
        """Make an image with these directories, which can be pulled."""

    def seed_containers(self) -> list[str]:
        """Return the containers that were made to copy from."""


class FakeEngine:
    def __init__(self) -> None:
        self.fake = FakePodman(BUSYBOX)
        self.podman: Podman = self.fake

    def make_container(self) -> None:
        self.fake.containers[CONTAINER] = "created"

    def has_container(self) -> bool:
        return CONTAINER in self.fake.containers

    def remove_image(self) -> None:
        self.fake.images.discard(BUSYBOX)

    def publish(self, trees: Trees) -> ImageReference:
        self.fake.registry[PUBLISHED] = len(trees)
        self.fake.trees[PUBLISHED] = trees
        return PUBLISHED

    def seed_containers(self) -> list[str]:
        return []


class RealEngine:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.podman: Podman = CommandPodman(FakeDisk().guard.require_room)

    def make_container(self) -> None:
        subprocess.run(["podman", "create", "--name", CONTAINER, BUSYBOX, "true"], check=True, capture_output=True)

    def has_container(self) -> bool:
        return subprocess.run(["podman", "container", "exists", CONTAINER], check=False).returncode == 0

    def remove_image(self) -> None:
        subprocess.run(["podman", "rmi", "--force", "--ignore", BUSYBOX], check=True, capture_output=True)

    def publish(self, trees: Trees) -> ImageReference:
        roots = tuple(Path(self.directory, f"layer-{number}") for number in range(len(trees)))
        for root, (directory, files) in zip(roots, trees.items(), strict=True):
            for path, content in files.items():
                file = root / directory.strip("/") / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        publish(Path("/", REGISTRY), "town-os/contract", Image(roots[0], (), upper=roots[1:]))
        return PUBLISHED

    def seed_containers(self) -> list[str]:
        listed = ["podman", "ps", "--all", "--external", "--format", "{{.Names}}"]
        names = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()
        return [name for name in names if name.startswith(SEED_PREFIX)]

    def clean(self) -> None:
        subprocess.run(["podman", "rm", "--force", "--ignore", CONTAINER], check=True, capture_output=True)
        subprocess.run(["podman", "rmi", "--force", "--ignore", PUBLISHED], check=True, capture_output=True)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.bed)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "fake":
        yield FakeEngine()
        return
    real = RealEngine(tmp_path)
    real.clean()
    yield real
    real.clean()


async def test_a_pulled_image_is_there(engine: Engine) -> None:
    engine.remove_image()
    assert not await engine.podman.image_exists(BUSYBOX)
    counts: list[tuple[int, int | None]] = []
    await engine.podman.pull(BUSYBOX, lambda done, total: counts.append((done, total)))
    assert await engine.podman.image_exists(BUSYBOX)
    done, total = counts[-1]
    assert done == total is not None
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)


async def test_progress_counts_the_bytes_of_all_layers(engine: Engine) -> None:
    image = engine.publish({f"/layer/{number}": {"noise": os.urandom(200_000)} for number in range(8)})
    counts: list[tuple[int, int | None]] = []
    await engine.podman.pull(image, lambda done, total: counts.append((done, total)))
    done, total = counts[-1]
    assert total == done >= 8 * 200_000
    assert {total for _, total in counts} <= {None, total}


async def test_an_image_may_be_pulled_again(engine: Engine) -> None:
    await engine.podman.pull(BUSYBOX)
    await engine.podman.pull(BUSYBOX)
    assert await engine.podman.image_exists(BUSYBOX)


async def test_an_unknown_image_is_a_foreign_failure_naming_image_and_registry(engine: Engine) -> None:
    with pytest.raises(Foreign, match=f"{UNKNOWN} was not found at docker.io"):
        await engine.podman.pull(UNKNOWN)
    assert not await engine.podman.image_exists(UNKNOWN)


async def test_a_cancelled_pull_leaves_podman_in_order(engine: Engine) -> None:
    engine.remove_image()
    with trio.CancelScope() as scope:
        scope.cancel()
        await engine.podman.pull(BUSYBOX)
    assert not await engine.podman.image_exists(BUSYBOX)
    await engine.podman.pull(BUSYBOX)


async def test_removing_a_container_may_run_again(engine: Engine) -> None:
    await engine.podman.pull(BUSYBOX)
    engine.make_container()
    assert engine.has_container()
    await engine.podman.remove_container(CONTAINER)
    assert not engine.has_container()
    await engine.podman.remove_container(CONTAINER)


@pytest.mark.bed
async def test_the_nameless_volumes_of_a_container_go_with_it() -> None:
    podman = CommandPodman(FakeDisk().guard.require_room)
    await podman.pull(BUSYBOX)
    before = nameless_volumes()
    made = ["podman", "create", "--name", CONTAINER, "--volume", "/data", BUSYBOX, "true"]
    subprocess.run(made, check=True, capture_output=True)
    assert len(nameless_volumes()) == len(before) + 1
    await podman.remove_container(CONTAINER)
    assert nameless_volumes() == before


def nameless_volumes() -> list[str]:
    listed = subprocess.run(["podman", "volume", "ls", "--quiet"], check=True, capture_output=True, text=True)
    return listed.stdout.split()


@pytest.mark.parametrize("name", ["", "--all", "-a", "a b", "a/b", "a\n", "é"])
async def test_an_invalid_container_name_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(Invalid):
        await engine.podman.remove_container(name)


def content(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "volume").mkdir()
    return tmp_path / "volume"


@pytest.mark.conformance("ARC-06")
async def test_the_content_of_a_directory_is_copied_out(engine: Engine, target: Path) -> None:
    image = engine.publish(SITE)
    await engine.podman.pull(image)
    counts: list[tuple[int, int | None]] = []
    await engine.podman.copy_out(
        image, ImageDirectory.parse("/srv/site"), target, lambda done, total: counts.append((done, total))
    )
    assert content(target) == SITE["/srv/site"]
    assert counts[-1] == (sum(map(len, SITE["/srv/site"].values())), None)
    assert engine.seed_containers() == []


async def test_a_directory_that_the_image_has_not_is_told(engine: Engine, target: Path) -> None:
    image = engine.publish(SITE)
    await engine.podman.pull(image)
    with pytest.raises(Invalid, match="has no directory /srv/nothing"):
        await engine.podman.copy_out(image, ImageDirectory.parse("/srv/nothing"), target)
    assert list(target.iterdir()) == []
    assert engine.seed_containers() == []


async def test_an_image_is_not_pulled_for_a_copy(engine: Engine, target: Path) -> None:
    image = engine.publish(SITE)
    with pytest.raises(NotFound, match="has not been pulled"):
        await engine.podman.copy_out(image, ImageDirectory.parse("/srv/site"), target)


async def test_nothing_is_copied_over_existing_data(engine: Engine, target: Path) -> None:
    image = engine.publish(SITE)
    await engine.podman.pull(image)
    (target / "mine").write_bytes(b"mine")
    with pytest.raises(Conflict):
        await engine.podman.copy_out(image, ImageDirectory.parse("/srv/site"), target)
    assert content(target) == {"mine": b"mine"}


async def test_a_cancelled_copy_leaves_neither_files_nor_a_container(engine: Engine, target: Path) -> None:
    image = engine.publish({"/srv/site": {name: bytes(3 * CONTAINER_COPY_CHUNK_BYTES) for name in ("a", "b")}})
    await engine.podman.pull(image)
    with trio.CancelScope() as scope:
        await engine.podman.copy_out(
            image, ImageDirectory.parse("/srv/site"), target, lambda _done, _total: scope.cancel()
        )
    assert scope.cancelled_caught
    assert content(target) == {}
    assert engine.seed_containers() == []


@pytest.mark.bed
async def test_a_registry_that_cannot_be_reached_is_told() -> None:
    with pytest.raises(Foreign, match=r"127\.0\.0\.1:1 cannot be reached"):
        await CommandPodman(FakeDisk().guard.require_room).pull(ImageReference("127.0.0.1:1/library/busybox:latest"))


@pytest.mark.bed
async def test_an_image_that_does_not_fit_is_refused_as_soon_as_its_size_is_known() -> None:
    subprocess.run(["podman", "rmi", "--force", "--ignore", BUSYBOX], check=True, capture_output=True)
    disk = FakeDisk(filled(94_999_999, 100_000_000))
    with pytest.raises(NoSpace, match=r"[\d.]+ \w+ do not fit: 90\.6 MB of 95\.4 MB are used"):
        await CommandPodman(disk.guard.require_room).pull(BUSYBOX)
    podman = CommandPodman(FakeDisk().guard.require_room)
    await podman.pull(BUSYBOX)
    await CommandPodman(disk.guard.require_room).pull(BUSYBOX)  # what is here already takes no room


@pytest.mark.bed
async def test_a_cancelled_pull_leaves_no_process() -> None:
    """The registry of this test never answers; it sees the connection close when podman is killed."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    async with listener, trio.open_nursery() as nursery:
        nursery.start_soon(
            CommandPodman(FakeDisk().guard.require_room).pull,
            ImageReference(f"127.0.0.1:{port}/library/busybox:latest"),
        )
        async with await listener.accept() as connection:
            assert await connection.receive_some()
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True), suppress(trio.BrokenResourceError):
                while await connection.receive_some():
                    pass
