"""What every `Podman` does: the fake in memory, and the program.

The test host has a registry that stands in for docker.io and holds busybox.
"""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

import pytest
import trio

from townos.containers.podman import CommandPodman, Podman
from townos.errors import Foreign, Invalid
from townos.images import ImageReference
from townos.testing.podman import FakePodman

BUSYBOX = ImageReference("docker.io/library/busybox:latest")
UNKNOWN = ImageReference("docker.io/library/town-os-no-such-image:latest")
CONTAINER = "town-os-contract-test"


class Engine(Protocol):
    """An adapter, and what tests do around it."""

    podman: Podman

    def make_container(self) -> None:
        """Make a container that does not run."""

    def has_container(self) -> bool:
        """Tell whether it is there."""

    def remove_image(self) -> None:
        """Forget busybox."""


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


class RealEngine:
    def __init__(self) -> None:
        self.podman: Podman = CommandPodman()

    def make_container(self) -> None:
        subprocess.run(["podman", "create", "--name", CONTAINER, BUSYBOX, "true"], check=True, capture_output=True)

    def has_container(self) -> bool:
        return subprocess.run(["podman", "container", "exists", CONTAINER], check=False).returncode == 0

    def remove_image(self) -> None:
        subprocess.run(["podman", "rmi", "--force", "--ignore", BUSYBOX], check=True, capture_output=True)

    def clean(self) -> None:
        subprocess.run(["podman", "rm", "--force", "--ignore", CONTAINER], check=True, capture_output=True)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.bed)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "fake":
        yield FakeEngine()
        return
    real = RealEngine()
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


@pytest.mark.parametrize("name", ["", "--all", "-a", "a b", "a/b", "a\n", "é"])
async def test_what_is_no_container_name_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(Invalid):
        await engine.podman.remove_container(name)


@pytest.mark.bed
async def test_a_registry_that_cannot_be_reached_is_told() -> None:
    with pytest.raises(Foreign, match=r"127\.0\.0\.1:1 cannot be reached"):
        await CommandPodman().pull(ImageReference("127.0.0.1:1/library/busybox:latest"))


@pytest.mark.bed
async def test_a_cancelled_pull_leaves_no_process() -> None:
    """The registry of this test never answers; it sees the connection close when podman is killed."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    async with listener, trio.open_nursery() as nursery:
        nursery.start_soon(CommandPodman().pull, ImageReference(f"127.0.0.1:{port}/library/busybox:latest"))
        async with await listener.accept() as connection:
            assert await connection.receive_some()
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True), suppress(trio.BrokenResourceError):
                while await connection.receive_some():
                    pass
