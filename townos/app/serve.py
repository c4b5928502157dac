"""The running appliance: everything in one nursery tree, until a signal ends it."""

import faulthandler
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import trio

from townos.api.app import TownApp
from townos.api.http.server import bind
from townos.api.http.server import serve as serve_http
from townos.app.adapters import real_adapters
from townos.app.build import Appliance, build
from townos.app.configuration import Configuration
from townos.app.http import application
from townos.app.notify import Notifier
from townos.app.supervision import Service
from townos.concurrency import end_shields_by, open_nursery
from townos.limits import SHUTDOWN_CLEANUP_SECONDS, SHUTDOWN_MAX_SECONDS


async def serve(configuration: Configuration, environment: Mapping[str, str]) -> None:
    """Run the appliance until SIGTERM or SIGINT; then the process ends in time, whatever hangs."""
    sockets = bind(configuration.listen.host, configuration.listen.port)
    stop = trio.Event()
    async with build(configuration, real_adapters(configuration)) as appliance, open_nursery() as nursery:
        await nursery.start(_set_on_signal, stop)
        await run(appliance, sockets, Notifier(environment), stop)
        nursery.cancel_scope.cancel()


async def run(appliance: Appliance, sockets: Sequence[socket.socket], notifier: Notifier, stop: trio.Event) -> None:
    """Run an appliance until `stop` is set.

    HTTP answers before any slow work of the boot begins. When HTTP or the database fails this raises, the process ends,
    and systemd starts it again. Everything else is supervised: its failure ends nothing else.
    """
    await appliance.accounts.sessions.clear()
    app = application(appliance)
    async with open_nursery() as nursery:
        http = partial(serve_http, app, sockets, stop.wait, on_stop=app.streams.end)
        await nursery.start(_until_it_ends, http, nursery.cancel_scope, notifier)
        nursery.start_soon(appliance.core.database.watch)
        for name, service in supervised(appliance, app, notifier).items():
            appliance.core.supervisor.start(nursery, name, service)


def supervised(appliance: Appliance, app: TownApp, notifier: Notifier) -> Mapping[str, Service]:
    """Return all that runs in the background, by the name under which a failure shows as degraded."""
    return {
        "operations": appliance.core.operations.serve,
        "boot": appliance.core.boot.run,
        "open streams": partial(app.streams.watch, appliance.accounts.sessions.alive),
        "watchdog": notifier.serve_watchdog,
        **appliance.background_services(),
    }


async def _until_it_ends(
    http: Callable[..., Awaitable[None]],
    everything: trio.CancelScope,
    notifier: Notifier,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    """Serve HTTP and tell the service manager; when it has stopped, stop everything else."""
    async with open_nursery() as nursery:
        await nursery.start(http)
        await notifier.ready()
        task_status.started()
    await notifier.stopping()
    end_shields_by(trio.current_time() + SHUTDOWN_CLEANUP_SECONDS)
    everything.cancel()


async def _set_on_signal(stop: trio.Event, *, task_status: trio.TaskStatus[None]) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            if not stop.is_set():
                # Trio waits for its threads, and one may hang on a broken disk. Ending all the same is like a crash,
                # for which everything is made; the log then has what each thread was doing.
                faulthandler.dump_traceback_later(SHUTDOWN_MAX_SECONDS, exit=True)
            stop.set()
