"""A download ends with the session that it was asked for in, whatever ends that, and leaves nothing behind."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from tests.support.archive_appliance import DATA, NGINX, PHOTOS, ArchiveAppliance, Hesitant, open_appliance
from tests.support.http import Server, head, rest, serving
from townos.accounts.accounts import NewAccount
from townos.app.http import application
from townos.limits import SESSION_IDLE_SECONDS, STREAM_SESSION_CHECK_SECONDS
from townos.storage.paths import VolumePath
from townos.testing.systemd import FakeSystemd

pytestmark = pytest.mark.slow

PASSWORD = "correct horse"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An appliance that is served, and an administrator's session."""

    appliance: ArchiveAppliance
    server: Server
    token: str

    async def ask(self, volume: VolumePath, service: str = "") -> trio.SocketStream:
        """Ask for a download."""
        body = json.dumps({"subvolume": str(volume), "stop_service": service}).encode()
        lines = [
            "POST /storage/download-archive HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self.token}",
            f"Content-Length: {len(body)}",
        ]
        stream = await self.server.connect()
        await stream.send_all("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return stream


@asynccontextmanager
async def signed_in(path: Path, systemd: FakeSystemd | None = None) -> AsyncIterator[SignedIn]:
    async with open_appliance(path, systemd=systemd) as appliance:
        rooms = appliance.appliance.accounts
        for name in ("ada", "eve"):
            await rooms.accounts.create(NewAccount(name, PASSWORD, "a@b.c", "1", "A", admin=True), bootstrap=False)
        verified = await rooms.accounts.verify("ada", PASSWORD)
        assert verified is not None
        token = await rooms.sessions.create("ada", verified.password_hash)
        app = application(appliance.appliance)
        async with serving(app) as server, trio.open_nursery() as nursery:
            nursery.start_soon(app.streams.watch, rooms.sessions.alive)
            yield SignedIn(appliance, server, token)
            nursery.cancel_scope.cancel()


async def revoke(appliance: ArchiveAppliance) -> None:
    await appliance.appliance.accounts.sessions.revoke_all_for_user("ada")


async def disable(appliance: ArchiveAppliance) -> None:
    await appliance.appliance.accounts.accounts.disable("ada")


async def expire(appliance: ArchiveAppliance) -> None:
    appliance.clock.advance(SESSION_IDLE_SECONDS + 1)


@pytest.mark.parametrize("end", [revoke, disable, expire])
async def test_a_download_is_cut_off_when_its_session_ends(
    tmp_path: Path, end: Callable[[ArchiveAppliance], Awaitable[None]]
) -> None:
    """Also when its client reads nothing at the moment."""
    async with signed_in(tmp_path) as ada:
        appliance = ada.appliance
        (appliance.volumes.location(PHOTOS) / "large").write_bytes(os.urandom(20_000_000))
        async with await ada.ask(PHOTOS) as stream:
            first, begun = await head(stream)
            assert first.startswith(b"HTTP/1.1 200")
            assert appliance.staged()
            await end(appliance)
            with trio.fail_after(2 * STREAM_SESSION_CHECK_SECONDS + 5):
                while appliance.staged():
                    await trio.sleep(0.01)
                received = begun + await rest(stream)
        assert len(received) < 20_000_000
        assert not received.endswith(LAST_CHUNK)


async def test_a_service_runs_again_when_the_session_of_a_download_ends(tmp_path: Path) -> None:
    systemd = Hesitant()
    async with signed_in(tmp_path, systemd) as ada, await ada.ask(DATA, NGINX.unit) as stream:
        await systemd.stopping.wait()
        await revoke(ada.appliance)
        first, _ = await head(stream)
        assert first.startswith(b"HTTP/1.1 401")
        assert systemd.changes_of(NGINX.unit) == ["stop", "start"]
        assert ada.appliance.staged() == []
