"""Pace: when a socket is read: passages some milliseconds at a time, nothing beyond the window.

Woken for every single message, the loop pays a turn, a system call and a transaction of a few
rows for each, and a press meets more of these; a turnstile does not feel 25 ms. What is read
together is stored together. Presses have a session of their own, and are read at once.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client

from adapters.devices.mqtt.quick import Reader

LONGEST_S, SHORTEST_S = 0.025, 0.004
FASTEST = 20_000
"""So many a second get through in spite of the pause, where the window is 80 or more: far more
than can be stored. A smaller window bounds them itself, to some 5,000."""


def pause_s(window: int) -> float:
    """How long passages may gather where a broker sends no more than so many unanswered.

    With so many under way it waits for us: a longer pause would hold up the morning.
    """
    return min(LONGEST_S, max(SHORTEST_S, window / FASTEST))


class Pace:
    """Reads one client's socket in aiomqtt's place, from its next opening on."""

    def __init__(
        self,
        client: Client,
        reader: Reader,
        broken: Callable[[Exception], None],
        *,
        pause_s: Callable[[], float],
    ) -> None:
        """`broken` is told why the connection cannot be read any more.

        `pause_s` says how long after a read nothing is read.
        """
        self._client, self._reader, self._broken = client, reader, broken
        self._pause_s = pause_s
        self._loop = asyncio.get_running_loop()
        self._opened: Any = client.on_socket_open
        client.on_socket_open = self._open

    def hold(self) -> None:
        """Hand on nothing more; TCP then holds the broker back."""
        socket: Any = self._client.socket()
        if not self._reader.is_held and socket is not None:
            self._reader.is_held = True
            self._loop.remove_reader(socket.fileno())

    def release(self) -> None:
        """Go on, with what was read already."""
        if self._reader.is_held:
            self._reader.is_held = False
            self._loop.call_soon(self._go_on, self._client.socket())

    def _open(self, client: Client, userdata: object, socket: Any) -> None:  # noqa: ANN401 - or its TLS
        """On the thread that connects, as paho has it; behind aiomqtt's own reader."""
        self._opened(client, userdata, socket)
        self._loop.call_soon_threadsafe(self._add, socket)

    def _go_on(self, socket: Any) -> None:  # noqa: ANN401
        self._add(socket)
        self._read(socket)  # what is in the buffer makes no socket ready

    def _add(self, socket: Any) -> None:  # noqa: ANN401
        if self._is_open(socket) and not self._reader.is_held:
            self._loop.add_reader(socket.fileno(), self._read, socket)

    def _read(self, socket: Any) -> None:  # noqa: ANN401
        if not self._is_open(socket):
            return
        before, begun = self._reader.taken, self._loop.time()
        try:
            self._reader.read_all()
            while not self._reader.is_held and getattr(socket, "pending", int)() > 0:
                self._reader.read_all()  # decrypted already: no readiness tells it
        except Exception as error:  # noqa: BLE001 - whatever it is, this connection is over
            self._broken(error)
            return
        rest_s = begun + self._pause_s() - self._loop.time()
        if rest_s > 0 and self._reader.taken > before and self._is_open(socket):
            self._loop.remove_reader(socket.fileno())
            self._loop.call_later(rest_s, self._add, socket)

    def _is_open(self, socket: object) -> bool:
        """Else it was closed, and its number may be another's by now."""
        return socket is not None and self._client.socket() is socket
