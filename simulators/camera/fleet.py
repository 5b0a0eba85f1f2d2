"""Many cameras in one process, with one pusher and one voice in discovery."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from simulators import cast
from simulators.camera.camera import Camera, Place
from simulators.camera.discovery import PORT, Discovery
from simulators.camera.machine import Character
from simulators.camera.push import Pusher
from simulators.clock import Clock, TrueClock

FILES_EACH: Final = 4  # its listener, and the connections of a client who pulls and looks
_AT_ONCE: Final = 100


class Fleet:
    """Cameras by name, started and stopped together."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.cameras: dict[str, Camera] = {}
        self._clock = clock or TrueClock()
        self._pusher = Pusher()
        self._discovery: Discovery | None = None

    def add(self, character: Character, place: Place | None = None) -> Camera:
        """Put up a camera; it is not started yet."""
        camera = Camera(character, place, self._clock, self._pusher)
        self.cameras[character.name] = camera
        return camera

    async def start(self) -> None:
        """Start all.

        Raises:
            cast.TooManyConnections: the limit on open files is too low.
            OSError: an address cannot be had.
        """
        cast.allow_files(len(self.cameras) * FILES_EACH + cast.SPARE_FILES)
        waiting = list(self.cameras.values())
        for first in range(0, len(waiting), _AT_ONCE):
            await asyncio.gather(*(one.start() for one in waiting[first : first + _AT_ONCE]))

    async def answer_probes(self, interface: str = "127.0.0.1", port: int = PORT) -> int:
        """Answer WS-Discovery for all of them; tell the port.

        Raises:
            OSError: the port cannot be had, or the interface has no multicast.
        """
        self._discovery = Discovery(lambda: [one.machine for one in self.cameras.values()])
        return await self._discovery.open(interface, port)

    async def stop(self) -> None:
        """Stop all."""
        if self._discovery is not None:
            self._discovery.close()
        await asyncio.gather(*(one.stop() for one in self.cameras.values()))
        await self._pusher.close()

    async def __aenter__(self) -> Self:
        """Start all."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all."""
        await self.stop()


def of(characters: Iterable[Character], clock: Clock | None = None) -> Fleet:
    """Put up a camera for each, at any free ports."""
    fleet = Fleet(clock)
    for character in characters:
        fleet.add(character)
    return fleet
