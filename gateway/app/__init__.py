"""The app: every part runs in one TaskGroup; whatever ends one ends the whole."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn

from gateway import operate
from gateway.app import core, doors, gauges, noted, parts, stills
from gateway.app.parts import Gateway
from gateway.clock import Clock, SystemClock
from gateway.domain import steps
from gateway.settings import Settings
from gateway.store import tenure
from gateway.store.database import StoreBroken, StoreDown
from gateway.store.wakeups import watch
from gateway.web.hub import Hub
from gateway.web.server import create_app

STOP_WITHIN_S = 3
UNHEARD_MS = 5000
"""A peer that confirms nothing for so long is gone, also where its cable was cut."""
GC_THRESHOLDS = (20_000, 20, 20)
"""A batch of 256 makes thousands of objects that die at once; walking them each 700 is waste."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What whoever started the gateway is told; by default nobody is told anything."""

    ready: Callable[[str], None] = lambda _: None
    """The pages' address, once it listens."""
    alive: Callable[[], None] = lambda: None
    """Four times a second while the event loop turns."""
    stops: Callable[[], None] = lambda: None
    """It was asked to end, and begins to."""


async def run(config: Settings, *, clock: Clock | None = None, told: Told | None = None) -> None:
    """Run the whole gateway on a prepared database until SIGTERM, SIGINT or cancellation.

    Raises:
        WrongSettings, WrongKey, WrongDatabase, Misconfigured, NobodyLetsUsIn: a bad start.
        StoreBroken: the disk failed.
    """
    the_clock = clock or SystemClock()
    url = config.database.address()
    async with tenure.hold(url, config.gateway.name, the_clock) as held:
        gateway = await parts.build(config, the_clock, held)
        try:
            await gateway.company.enter()
            await noted.settings(gateway.database, config, the_clock)
            await gateway.tidy.prepare()
            await gateway.roads.open(config)
            await _live(gateway, config, url, told or Told())
            await gateway.company.leave()
        except* StoreBroken:
            await gateway.emergency.last_words()
            raise
        finally:
            await gateway.roads.close()
            for forwarder in gateway.forwarders.values():
                await forwarder.close()
            await gateway.database.close()


async def _live(gateway: Gateway, config: Settings, url: str, told: Told) -> None:
    listening = _bind(config)
    evidence = stills.evidence(gateway, config)
    pages = create_app(doors.house(gateway, config, evidence.shelf.read))
    gateway.emergency.shout = pages.state.hub.shout
    server = _Server(
        uvicorn.Config(
            pages,
            log_config=None,
            access_log=False,
            ssl_certfile=config.http.cert_file,
            ssl_keyfile=config.http.key_file,
            timeout_graceful_shutdown=STOP_WITHIN_S,
            proxy_headers=config.http.behind_proxy,
            forwarded_allow_ips=list(config.http.proxies),
            server_header=False,
            ws="none",
            lifespan="off",
        )
    )
    gauges.begin(gateway, config)
    stop = asyncio.Event()
    with listening, _stopped_by_signals(stop):
        async with asyncio.TaskGroup() as group:
            work: dict[str, Coroutine[Any, Any, None]] = {
                "web": server.serve(sockets=[listening]),
                "hub": pages.state.hub.run(),
                "refusals": pages.state.refusals.run(),
                **core.work(gateway),
                "watch": watch(url, gateway.wakeups, gateway.clock),
                "devices": gauges.count_devices(gateway),
                "evidence": evidence.run(),
                "gauges": gauges.keep(gateway, config),
                "lag": gauges.measure_lag(gateway, told.alive),
                "claims": _keep_claims(gateway, pages.state.hub),
                "tenure": gateway.tenure.keep(),
            }
            tasks = [group.create_task(one, name=name) for name, one in work.items()]
            _settle_memory()
            address = _address(config, listening)
            log.info("gateway started", gateway=config.gateway.name, address=address)
            told.ready(address)
            await stop.wait()
            log.info("gateway stops", gateway=config.gateway.name)
            told.stops()
            pages.state.hub.close()
            server.should_exit = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_WITHIN_S + 1):
                    await tasks[0]
                    await pages.state.refusals.write()
            for task in tasks:
                task.cancel()


class _Server(uvicorn.Server):
    """uvicorn, but for the signals: those end the whole gateway, and that ends it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them to the app."""
        yield

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until it is over; whoever is connected then is let go, however it ended."""
        try:
            await super().serve(sockets)
        finally:
            for connection in self.server_state.connections:
                if connection.transport is not None:
                    connection.transport.close()


def _bind(config: Settings) -> socket.socket:
    """Before anything starts: a port in use must be told at once, and who calls early waits."""
    family = socket.AF_INET6 if ":" in config.http.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
    try:
        listening.bind((config.http.host, config.http.port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _address(config: Settings, listening: socket.socket) -> str:
    scheme = "https" if config.http.cert_file else "http"
    host = f"[{config.http.host}]" if ":" in config.http.host else config.http.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


@contextlib.contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGTERM, signal.SIGINT)
    try:
        for one in wanted:
            loop.add_signal_handler(one, stop.set)
    except (RuntimeError, ValueError):
        # Not the main thread: whoever started us cancels us instead.
        yield
        return
    try:
        yield
    finally:
        for one in wanted:
            loop.remove_signal_handler(one)


async def _keep_claims(gateway: Gateway, hub: Hub) -> None:
    """Whoever has a stream open keeps what they claimed; whoever left keeps it a while."""
    left: frozenset[str] = frozenset()
    while True:
        await gateway.clock.sleep(steps.SIGN.total_seconds())
        here = hub.watching
        left = (left | hub.take_left()) - here
        try:
            await operate.signs_of_life(gateway.desk, here, left)
        except StoreDown as error:
            log.debug("claims wait for the store", why=str(error))
        else:
            left = frozenset()


def _settle_memory() -> None:
    """What was loaded stays: the collector need not walk it at every press."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
