"""The container that a copy needs is cleared away, whatever happens."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from townos.containers.extraction import SEED_PREFIX, Extraction
from townos.errors import Foreign, Invalid
from townos.images import ImageDirectory, ImageReference
from townos.posix.process import Completed, ProcessFailed

IMAGE = ImageReference("docker.io/town-os/site:latest")
SITE = ImageDirectory("/srv/site")


class Engine:
    """Stands for podman's program: `containers` are there, and `on[command]` is done before a command."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.containers: set[str] = set()
        self.commands: list[str] = []
        self.on: dict[str, Callable[[], Awaitable[None]]] = {}

    async def __call__(self, *arguments: str) -> Completed:
        command = arguments[0]
        self.commands.append(command)
        if command == "create":
            assert "--network none" in " ".join(arguments)
            self.containers.add(arguments[arguments.index("--name") + 1])
        if command in self.on:
            await self.on[command]()
        if command == "rm":
            self.containers.discard(arguments[-1])
        shown = {"ps": "\n".join(self.containers), "mount": f"{self.root}\n"}.get(command, "")
        return Completed(arguments, 0, shown.encode(), b"")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    (tmp_path / "root/srv/site").mkdir(parents=True)
    (tmp_path / "root/srv/site/index.html").write_text("town")
    return Engine(tmp_path / "root")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


def untold(_done: int, _total: int | None) -> None:
    """Nobody wants to know."""


async def test_a_copy_makes_one_container_and_removes_it(engine: Engine, target: Path) -> None:
    await Extraction(engine).copy_out(IMAGE, SITE, target, untold)
    assert (target / "index.html").read_text() == "town"
    assert engine.commands == ["ps", "create", "mount", "rm"]
    assert engine.containers == set()


async def test_leftovers_of_a_crash_are_removed_first(engine: Engine, target: Path) -> None:
    engine.containers = {f"{SEED_PREFIX}0123", "town-os-package--core-web-1.0", f"x-{SEED_PREFIX}"}
    await Extraction(engine).copy_out(IMAGE, SITE, target, untold)
    assert engine.containers == {"town-os-package--core-web-1.0", f"x-{SEED_PREFIX}"}


async def test_two_copies_leave_each_other_alone(engine: Engine, tmp_path: Path, target: Path) -> None:
    (tmp_path / "other").mkdir()
    extraction, arrived, both = Extraction(engine), [], trio.Event()

    async def meet() -> None:
        arrived.append("mount")
        if len(arrived) == 2:
            both.set()
        await both.wait()
        assert len(engine.containers) == 2

    engine.on["mount"] = meet
    async with trio.open_nursery() as nursery:
        nursery.start_soon(extraction.copy_out, IMAGE, SITE, target, untold)
        nursery.start_soon(extraction.copy_out, IMAGE, SITE, tmp_path / "other", untold)
    assert engine.containers == set()
    assert (target / "index.html").exists()
    assert (tmp_path / "other/index.html").exists()


@pytest.mark.parametrize("command", ["create", "mount"])
async def test_a_failure_of_podman_leaves_no_container(engine: Engine, target: Path, command: str) -> None:
    async def fail() -> None:
        raise ProcessFailed(["podman", command], 125, b"no")

    engine.on[command] = fail
    with pytest.raises(ProcessFailed):
        await Extraction(engine).copy_out(IMAGE, SITE, target, untold)
    assert engine.containers == set()


@pytest.mark.parametrize("command", ["create", "mount"])
async def test_a_copy_that_takes_too_long_is_ended(
    engine: Engine, target: Path, command: str, autojump_clock: MockClock
) -> None:
    engine.on[command] = trio.sleep_forever
    with pytest.raises(Foreign, match="did not finish within 30 minutes"):
        await Extraction(engine).copy_out(IMAGE, SITE, target, untold)
    assert engine.containers == set()


async def test_a_container_that_stays_does_not_spoil_the_copy(
    engine: Engine, target: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("townos.containers.extraction.CONTAINER_CLEANUP_TIMEOUT_SECONDS", 0.01)
    engine.on["rm"] = trio.sleep_forever
    with caplog.at_level(logging.WARNING):
        await Extraction(engine).copy_out(IMAGE, SITE, target, untold)
    assert (target / "index.html").exists()
    assert "stays until the next copy" in caplog.text
    assert len(engine.containers) == 1


async def test_a_failure_while_copying_empties_the_target(
    engine: Engine, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("townos.containers.copying.CONTAINER_COPY_MAX_ENTRIES", 1)
    (engine.root / "srv/site/more").write_text("more")
    with pytest.raises(Foreign):
        await Extraction(engine).copy_out(IMAGE, SITE, target, untold)
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("directory", ["/srv/nothing", "/srv/site/index.html", "/srv/site/index.html/x"])
async def test_a_source_that_is_no_directory_is_told(engine: Engine, target: Path, directory: str) -> None:
    with pytest.raises(Invalid, match="has no directory"):
        await Extraction(engine).copy_out(IMAGE, ImageDirectory(directory), target, untold)
    assert engine.containers == set()
