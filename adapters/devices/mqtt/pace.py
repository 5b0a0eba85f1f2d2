"""Pace: passages are read some milliseconds at a time, not one by one as each arrives.

Woken for every single message, the loop pays a turn, a system call and a transaction of a few
rows for each; a turnstile does not feel 4 ms. What is read together is stored together. Presses
have a session of their own, and are read at once.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client

from adapters.devices.mqtt.quick import Reader

PAUSE_S = 0.004
BUSY = 32
"""So many in one read come fast enough by themselves: then there is no pause."""


def slow_down(client: Client, reader: Reader, broken: Callable[[Exception], None]) -> None:
    """Read that client's socket by this pace, from its next opening on."""
    _Pace(client, reader, broken, asyncio.get_running_loop())


class _Pace:
    def __init__(
        self,
        client: Client,
        reader: Reader,
        broken: Callable[[Exception], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._client, self._reader, self._broken, self._loop = client, reader, broken, loop
        self._opened: Any = client.on_socket_open
        client.on_socket_open = self._open

    def _open(self, client: Client, userdata: object, socket: Any) -> None:  # noqa: ANN401 - or its TLS
        """On the thread that connects, as paho has it; behind aiomqtt's own reader."""
        self._opened(client, userdata, socket)
        self._loop.call_soon_threadsafe(self._go_on, socket)

    def _go_on(self, socket: Any) -> None:  # noqa: ANN401
        if self._is_open(socket):
            self._loop.add_reader(socket.fileno(), self._read, socket)

    def _read(self, socket: Any) -> None:  # noqa: ANN401
        before = self._reader.taken
        try:
            self._reader.read_all()
            while getattr(socket, "pending", int)() > 0:  # decrypted already: no readiness tells it
                self._reader.read_all()
        except Exception as error:  # noqa: BLE001 - whatever it is, this connection is over
            self._broken(error)
            return
        if 0 < self._reader.taken - before < BUSY and self._is_open(socket):
            self._loop.remove_reader(socket.fileno())
            self._loop.call_later(PAUSE_S, self._go_on, socket)

    def _is_open(self, socket: object) -> bool:
        """Else it was closed, and its number may be another's by now."""
        return self._client.socket() is socket
