"""Simulated cameras beside a command line: in a thread with a loop of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from simulators.camera import MAKES, Account, Camera, Character, Fleet, Input, Level, Place, Quirk
from tests.harness import waiting

T = TypeVar("T")
USER, PASSWORD = "dabyl", "s3cret-Ә"
INPUTS = (Input(token="1"), Input(token="2"))
WITHIN_S = 20.0


def site_file(camera: Camera, *more: str) -> str:
    """A school whose camera `c-1` is that one."""
    return "\n".join(
        [
            "[[site]]",
            'id = "s1"',
            'name.en = "School"',
            "[[site.device]]",
            'id = "c-1"',
            'kind = "camera"',
            f'host = "{camera.host}"',
            f"port = {camera.port}",
            *more,
        ]
    )


class Cameras:
    """Cameras that live beside the test."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._started: list[Camera] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self.fleet.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WITHIN_S)
        self._loop.close()

    def add(
        self,
        *quirks: Quirk,
        make: str = "plain",
        name: str = "camera-1",
        place: Place | None = None,
        value: float | str | None = None,
    ) -> Camera:
        """A camera with an administrator and a user `guest`, difficult in these ways."""
        accounts = {USER: Account(PASSWORD), "guest": Account(PASSWORD, Level.USER)}
        character = Character(name=name, make=MAKES[make], accounts=accounts, inputs=INPUTS)

        async def made() -> Camera:
            camera = self.fleet.add(character, place)
            await camera.start()
            for quirk in quirks:
                await camera.break_(quirk, value)
            return camera

        return self.do(made())

    def take_the_place(self, other: Camera, camera: Camera) -> None:
        """Another camera answers at that one's address from now on."""
        port = camera.port

        async def exchanged() -> None:
            await camera.stop()
            await other.stop()
            new = self.fleet.add(other.machine.character, Place(port=port))
            await new.start()

        self.do(exchanged())

    def answer_probes(self) -> int:
        """Answer WS-Discovery on the loopback, at any port; tell it."""
        return self.do(self.fleet.answer_probes("127.0.0.1", 0))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let that be done where the cameras live."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_S)

    def soon(self, camera: Camera, *deeds: str) -> threading.Thread:
        """Once somebody listens to it, let these happen to it one after the other."""

        async def act() -> None:
            await _has_told_all(camera)
            for deed in deeds:
                await getattr(self, f"_{deed}")(camera)

        thread = threading.Thread(target=lambda: self.do(act()), daemon=True)
        thread.start()
        return thread

    async def _press(self, camera: Camera) -> None:
        camera.press()
        await _is_heard(camera)

    async def _release(self, camera: Camera) -> None:
        camera.release()
        await _is_heard(camera)

    async def _say(self, camera: Camera) -> None:
        camera.say("tns1:Vendor/Odd\x9b2J", data=(("X", "true"),))
        await _is_heard(camera)

    async def _reboot(self, camera: Camera) -> None:
        await camera.reboot()


async def _has_told_all(camera: Camera) -> None:
    """Whoever listens knows its initial state: the first empty reply after it says so."""

    def is_asked() -> bool:
        return camera.record.requests["SetSynchronizationPoint"] > 0 and bool(camera.subscriptions)

    await waiting.until(is_asked, within_s=WITHIN_S, what="its state is asked for")
    await _is_heard(camera)
    (one,) = camera.subscriptions
    pulls = one.pulls
    await waiting.until(lambda: one.pulls > pulls, within_s=WITHIN_S, what="an empty reply")
    await _is_heard(camera)


async def _is_heard(camera: Camera) -> None:
    """What was said has been fetched, and the next pull is open."""

    def is_fetched() -> bool:
        return all(one.pulling and not one.waiting for one in camera.subscriptions)

    await waiting.until(is_fetched, within_s=WITHIN_S, what="what was said is fetched")
