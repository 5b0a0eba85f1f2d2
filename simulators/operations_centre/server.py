"""The centre at work: its door for alarms, which can close, and its door for control."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from aiohttp import web

from simulators.listening import Listener
from simulators.operations_centre import signature
from simulators.operations_centre.control import Control
from simulators.operations_centre.desk import Desk
from simulators.operations_centre.gallery import Gallery
from simulators.operations_centre.modes import Behaviour, Mode
from simulators.operations_centre.records import Records
from simulators.operations_centre.respond import Dispatcher

_BACKLOG = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to start a centre; a port 0 is any free one, and a `dabyl` URL opens the way back."""

    secret_file: Path
    listen: str = "127.0.0.1:9090"
    control: str = "127.0.0.1:9091"
    record: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    dabyl: str | None = None
    token_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """Where a running centre is reached."""

    alarms_url: str
    control_url: str


class Door:
    """A listening socket that can be shut and opened again at the same address."""

    def __init__(self, desk: Desk, address: str, tls: ssl.SSLContext | None) -> None:
        self._desk = desk
        self._tls = tls
        self._host, self._port = _address(address)
        self._opened: tuple[Listener, web.Server] | None = None

    @property
    def url(self) -> str:
        """The address it has, its real port included."""
        return f"http{'s' if self._tls else ''}://{_join(self._host, self._port)}"

    async def open(self) -> None:
        """Listen; nothing happens when it is open already."""
        if self._opened is not None:
            return
        # A sender who leaves ends his request: else a hung one would be held for ever.
        server = web.Server(self._desk.handle, handler_cancellation=True, access_log=None)
        listener = Listener(server, _BACKLOG)
        listener.tls = self._tls
        self._port = listener.open(self._host, self._port)
        self._opened = listener, server

    async def shut(self) -> None:
        """Stop listening and cut every connection."""
        opened, self._opened = self._opened, None
        if opened is not None:
            listener, server = opened
            try:
                await listener.close()
            finally:
                server.pre_shutdown()
                await server.shutdown(0.1)


def utc_now() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


@asynccontextmanager
async def running(
    options: Options, *, now: Callable[[], datetime] = utc_now
) -> AsyncIterator[Centre]:
    """Hold a centre open.

    Raises:
        OSError: a file or a port cannot be had.
        signature.BadSecretFile: the secret file holds no secrets.
    """
    async with AsyncExitStack() as stack:
        file = stack.enter_context(_append(options.record)) if options.record else None
        desk = Desk(signature.read_secrets(options.secret_file), Records(file), now)
        dispatcher = _dispatcher(options, now)
        if dispatcher is not None:
            stack.push_async_callback(dispatcher.close)
            desk.raised = dispatcher.raised
        gallery = _gallery(options)
        if gallery is not None:
            stack.push_async_callback(gallery.close)
            desk.added = gallery.added
        door = Door(desk, options.listen, _tls(options))
        stack.push_async_callback(door.shut)
        await door.open()

        turning = asyncio.Lock()  # two switches at once would open the door twice

        async def switch(mode: Mode) -> None:
            async with turning:
                desk.switch.set(mode)
                await (door.shut() if mode.mode is Behaviour.REFUSE else door.open())

        runner = web.AppRunner(
            Control(desk, dispatcher, gallery, switch).application(),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=0.1,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        host, port = _address(options.control)
        await web.TCPSite(runner, host, port).start()
        control_url = f"http://{_join(host, runner.addresses[0][1])}"
        yield Centre(alarms_url=f"{door.url}/alarms", control_url=control_url)


async def run(options: Options) -> None:
    """Be a centre until cancelled."""
    async with running(options) as centre:
        print(f"centre: alarms at {centre.alarms_url}, control at {centre.control_url}", flush=True)  # noqa: T201 - a program's word to its user
        await asyncio.Event().wait()


def _dispatcher(options: Options, now: Callable[[], datetime]) -> Dispatcher | None:
    return None if options.dabyl is None else Dispatcher(options.dabyl, _token(options), now)


def _gallery(options: Options) -> Gallery | None:
    return None if options.dabyl is None else Gallery(options.dabyl, _token(options))


def _token(options: Options) -> str:
    return options.token_file.read_text(encoding="utf-8").strip() if options.token_file else ""


def _append(path: Path) -> TextIO:
    # A header may hold bytes that are no UTF-8; escaped they are still JSON.
    return path.open("a", encoding="utf-8", errors="backslashreplace")


def _tls(options: Options) -> ssl.SSLContext | None:
    if options.cert_file is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.cert_file, options.key_file)
    return context


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
