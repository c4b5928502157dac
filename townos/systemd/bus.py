"""The connection to the system bus: the one place that knows jeepney, which has no types of its own.

`serve` keeps a connection for as long as the bus lives and raises when it dies; its supervisor starts it again. Calls
wait for a connection, within a bound.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import trio

from townos.concurrency import open_nursery
from townos.errors import Conflict, Internal, NotFound, TownError, Unavailable
from townos.i18n import Seconds
from townos.limits import BUS_CALL_TIMEOUT_SECONDS, BUS_CONNECT_TIMEOUT_SECONDS, BUS_SIGNALS_PENDING_MAX

MANAGER_PATH: Final = "/org/freedesktop/systemd1"
MANAGER: Final = "org.freedesktop.systemd1.Manager"
UNIT: Final = "org.freedesktop.systemd1.Unit"
SERVICE: Final = "org.freedesktop.systemd1.Service"
_NAME: Final = "org.freedesktop.systemd1"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_NOT_FOUND: Final = frozenset(
    {
        f"{_NAME}.NoSuchUnit",
        f"{_NAME}.NoSuchUnitFile",
        f"{_NAME}.NoSuchJob",
        "org.freedesktop.DBus.Error.UnknownObject",
        "org.freedesktop.DBus.Error.FileNotFound",
        "System.Error.ENOENT",
    }
)
_REFUSED: Final = frozenset(
    f"{_NAME}.{reason}"
    for reason in (
        "UnitMasked",
        "BadUnitSetting",
        "LoadFailed",
        "JobTypeNotApplicable",
        "OnlyByDependency",
        "TransactionIsDestructive",
        "TransactionJobsConflicting",
        "TransactionOrderIsCyclic",
        "ShuttingDown",
    )
)


class NoSuchUnit(NotFound):
    """systemd does not know the unit, the job or the object."""


@dataclass(frozen=True, slots=True)
class JobRemoved:
    """A job that has ended; `result` is `done`, or why it is not (org.freedesktop.systemd1(5))."""

    path: str
    unit: str
    result: str


@dataclass(frozen=True, slots=True)
class Method:
    """What is called: an object's method, with the D-Bus signature of its arguments."""

    path: str
    interface: str
    member: str
    signature: str = ""


class Bus:
    """The systemd manager on the system bus."""

    def __init__(self, address: str = "SYSTEM") -> None:
        self._address = address
        self._router: Any = None
        self._connected = trio.Event()
        self._watchers: set[trio.MemorySendChannel[JobRemoved]] = set()

    async def serve(self) -> None:
        """Hold a connection until it breaks; raises then, `Unavailable` where there is no bus at all."""
        from jeepney.io.trio import open_dbus_router

        try:
            async with open_nursery() as nursery, open_dbus_router(bus=self._address) as router:
                await nursery.start(self._watch_jobs, router)
                self._router = router
                self._connected.set()
                await trio.sleep_forever()
        except OSError as error:
            raise Unavailable("unit.no_bus", error.strerror) from error
        finally:
            self._router = None
            self._connected = trio.Event()

    async def call(self, member: str, signature: str = "", *arguments: object) -> Sequence[Any]:
        """Call a method of the manager and return what it answers.

        Raises `NoSuchUnit`, `Conflict` for what the unit's state does not allow, `Unavailable`, and else `Internal`.
        """
        answer: Sequence[Any] = await self._send(Method(MANAGER_PATH, MANAGER, member, signature), arguments)
        return answer

    async def properties(self, path: str, interface: str) -> Mapping[str, Any]:
        """Return all properties of an object. Raises like `call`."""
        (properties,) = await self._send(Method(path, _PROPERTIES, "GetAll", "s"), (interface,))
        return {name: variant[1] for name, variant in properties.items()}

    @asynccontextmanager
    async def jobs(self) -> AsyncIterator[trio.MemoryReceiveChannel[JobRemoved]]:
        """Watch the jobs that end while the block runs. The channel closes when the connection is lost."""
        await self._ready()
        send, receive = trio.open_memory_channel[JobRemoved](BUS_SIGNALS_PENDING_MAX)
        self._watchers.add(send)
        try:
            with receive:  # closed and forgotten in one go: a signal in between would find it broken
                yield receive
        finally:
            self._watchers.discard(send)
            send.close()

    async def _ready(self) -> Any:
        with trio.move_on_after(BUS_CONNECT_TIMEOUT_SECONDS):
            await self._connected.wait()
        if self._router is None:
            raise Unavailable("unit.bus_lost", retry_after=1)
        return self._router

    async def _send(self, method: Method, arguments: Sequence[object]) -> Any:
        return await _exchange(await self._ready(), method, arguments)

    async def _watch_jobs(self, router: Any, *, task_status: trio.TaskStatus[None]) -> None:
        """Hand each ended job to all who watch."""
        from jeepney import MatchRule, message_bus

        rule = MatchRule(type="signal", sender=_NAME, interface=MANAGER, member="JobRemoved", path=MANAGER_PATH)
        local = MatchRule(type="signal", interface=MANAGER, member="JobRemoved", path=MANAGER_PATH)
        # Never taken out again: when the connection ends, jeepney goes through the filters and pauses between them.
        signals = ExitStack().enter_context(router.filter(local, bufsize=BUS_SIGNALS_PENDING_MAX))
        try:
            _body(await router.send_and_get_reply(message_bus.AddMatch(rule)))
            await _exchange(router, Method(MANAGER_PATH, MANAGER, "Subscribe"), ())
            task_status.started()
            async for message in signals:
                _, job, unit, result = message.body
                for watcher in list(self._watchers):
                    with suppress(trio.WouldBlock):  # it asks systemd itself when nothing comes
                        watcher.send_nowait(JobRemoved(job, unit, result))
        finally:
            for watcher in list(self._watchers):
                watcher.close()
        raise trio.EndOfChannel


async def _exchange(router: Any, method: Method, arguments: Sequence[object]) -> Any:
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.common import RouterClosed

    address = DBusAddress(method.path, bus_name=_NAME, interface=method.interface)
    message = new_method_call(address, method.member, method.signature or None, tuple(arguments))
    try:
        with trio.fail_after(BUS_CALL_TIMEOUT_SECONDS):
            return _body(await router.send_and_get_reply(message))
    except trio.TooSlowError as error:
        raise Unavailable("unit.bus_timeout", Seconds(BUS_CALL_TIMEOUT_SECONDS), retry_after=1) from error
    except (RouterClosed, trio.BrokenResourceError, trio.ClosedResourceError, trio.EndOfChannel, OSError) as error:
        raise Unavailable("unit.bus_lost", retry_after=1) from error


def _body(reply: Any) -> Any:
    """Return what a reply carries; error replies are ordinary messages to jeepney."""
    from jeepney import HeaderFields, MessageType

    if reply.header.message_type is MessageType.error:
        raise _error(reply.header.fields.get(HeaderFields.error_name, ""), str(reply.body[0]) if reply.body else "")
    return reply.body


def _error(name: str, text: str) -> TownError:
    if name in _NOT_FOUND:
        return NoSuchUnit("unit.failed", text or name)
    kind = Conflict if name in _REFUSED else Internal
    return kind("unit.failed", text or name)
