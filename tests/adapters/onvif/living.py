"""A camera's link lived against a simulated camera, with an ear that commits what it hears."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.devices.contract import LinkError, Overloaded
from adapters.devices.onvif.connection import Camera
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.means import Means, Past
from adapters.devices.onvif.push import Listener
from adapters.devices.onvif.settings import CameraSettings, InputSetting
from adapters.devices.onvif.standing import Standing
from adapters.devices.onvif.transport import Wire
from adapters.signal import Answer, Receipt, Signal, Spoken, Unreadable
from simulators.camera.camera import Camera as Simulated
from tests.harness import waiting

WITHIN_S = 15.0
INPUTS: Mapping[str, InputSetting] = {"1": InputSetting(part=1), "2": InputSetting(part=2)}


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


@dataclass
class Ear:
    """Takes what a camera says, and stores it at once, as the gateway does; or is overloaded."""

    heard: list[Signal] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    is_full: bool = False
    commits: bool = True

    def emit(self, signal: Signal, answer: Answer) -> None:
        """The bus."""
        if self.is_full:
            raise Overloaded("the test")
        self.heard.append(signal)
        self.at.append(time.monotonic())
        if self.commits:
            event = signal.said.id if isinstance(signal, Spoken) else None
            answer(Receipt(device=signal.device, id=event, stored_at=now()))

    @property
    def spoken(self) -> list[Spoken]:
        """What could be read."""
        return [one for one in self.heard if isinstance(one, Spoken)]

    @property
    def kinds(self) -> list[str]:
        """Of what could be read."""
        return [one.said.kind for one in self.spoken]

    @property
    def kept(self) -> list[Unreadable]:
        """What is kept raw."""
        return [one for one in self.heard if isinstance(one, Unreadable)]

    async def hears(self, kind: str, times: int = 1) -> None:
        """Wait until it was said so often."""
        what = f"{kind} is said {times} times"
        await waiting.until(lambda: self.kinds.count(kind) >= times, within_s=WITHIN_S, what=what)


@dataclass
class Link:
    """All that outlives the lives of one camera's link."""

    settings: CameraSettings
    means: Means
    ear: Ear = field(default_factory=Ear)
    health: Health = field(default_factory=Health)
    past: Past = field(default_factory=Past)
    standing: Standing = field(init=False)
    ups: int = 0
    ended: LinkError | None = None

    def __post_init__(self) -> None:
        self.standing = Standing(
            {}, self.settings.inputs, unknown_topics=self.health.unknown_topics
        )

    def camera(self) -> Camera:
        """A new life."""
        return Camera(
            self.settings,
            self.means,
            standing=self.standing,
            health=self.health,
            past=self.past,
        )

    async def life(self) -> None:
        """One life, to its end, which is kept."""
        self.ended = None
        try:
            await self.camera().live(self.ear.emit, self._up)
        except LinkError as error:
            self.ended = error

    @contextlib.asynccontextmanager
    async def alive(self) -> AsyncIterator["Link"]:
        """A life that is up, cancelled at the end."""
        before = self.ups
        task = asyncio.ensure_future(self.life())
        try:
            await waiting.until(
                lambda: self.ups > before or task.done(), within_s=WITHIN_S, what="it is up"
            )
            if task.done():
                task.result()
                raise AssertionError(f"it did not come up: {self.ended!r}")
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def ends(self, within_s: float = WITHIN_S) -> LinkError:
        """A life that ends by itself; how."""
        await asyncio.wait_for(self.life(), within_s)
        assert self.ended is not None
        return self.ended

    def _up(self) -> None:
        self.ups += 1


def settings_of(
    simulated: Simulated, *, hold_s: float = 2.0, pushes: bool = False, serial: str | None = None
) -> CameraSettings:
    """As a person would have approved it."""
    account = next(iter(simulated.machine.character.accounts.items()), None)
    return CameraSettings(
        device=simulated.name,
        host=simulated.host,
        port=simulated.port,
        username=None if account is None else account[0],
        password=lambda: None if account is None else account[1].password,
        inputs=INPUTS,
        hold_s=hold_s,
        pushes=pushes,
        serial=serial,
    )


def link(simulated: Simulated, means: Means) -> Link:
    """All that outlives the lives of a link to that camera."""
    return Link(settings_of(simulated), means)


@contextlib.asynccontextmanager
async def means(
    *, listener: Listener | None = None, quiet_s: float | None = None
) -> AsyncIterator[Means]:
    """What lives take, on the machine's own clock."""
    wire = Wire()
    try:
        yield Means(
            wire=wire,
            now=now,
            monotonic=time.monotonic,
            sleep=asyncio.sleep,
            dice=lambda: 0.0,
            listener=listener,
            quiet_s=quiet_s,
        )
    finally:
        await wire.close()


def in_a_while(seconds: float) -> datetime:
    """A moment to come."""
    return now() + timedelta(seconds=seconds)
