"""A school of simulated buttons that check in, each over lines of its own, with its Last Will."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import msgspec

from gateway.domain.site import Device, DeviceId, Names, Site, SiteId, Sort
from gateway.store import sites
from gateway.store.database import Urgency, open_database
from simulators import cast, clock, mqtt
from simulators.acts import Act, Deed
from simulators.cast import Cast, Way
from simulators.character import Character
from simulators.clock import DeviceClock, TrueClock
from simulators.lines import Line
from simulators.panic_button.machine import Button, Settings
from simulators.stage import Actor, Stage
from simulators.wire import Leaf
from tests.harness import waiting
from tests.stories.town import Town

CHECK_IN_S = 1.0


@dataclass
class Lossy:
    """A line that loses what it is told to lose."""

    whole: Line
    loses: Callable[[Leaf, dict[str, object]], bool] = lambda _, __: False

    def send(self, leaf: Leaf, payload: bytes, *, retain: bool) -> None:
        if not self.loses(leaf, msgspec.json.decode(payload)):
            self.whole.send(leaf, payload, retain=retain)

    def cut(self) -> None:
        self.whole.cut()

    def mend(self) -> None:
        self.whole.mend()


@dataclass
class School:
    """Its buttons live until the story ends."""

    town: Town
    site: str
    actors: dict[str, Actor] = field(default_factory=dict)
    lines: dict[str, list[Lossy]] = field(default_factory=dict)

    def do(self, deed: Deed, *devices: str) -> None:
        """Let something happen to those, or to all."""
        for device in devices or self.actors:
            self.actors[device].do(Act(deed=deed))

    def lose(self, device: str, loses: Callable[[Leaf, dict[str, object]], bool]) -> None:
        """From now on its lines lose those words."""
        for line in self.lines[device]:
            line.loses = loses

    def hang(self, *devices: str) -> None:
        """They say nothing more, and their lines stand: no Last Will tells of it."""
        for device in devices or self.actors:
            self.lose(device, lambda _, __: True)

    def wake(self, *devices: str) -> None:
        """They speak again."""
        for device in devices or self.actors:
            self.lose(device, lambda _, __: False)

    async def state(self, device: str, state: str, *, within_s: float = 10) -> None:
        """Returns when that is said of it."""

        async def is_so() -> bool:
            answer = await self.town.api.get(f"/api/v1/devices/{device}")
            return answer.is_success and bool(answer.json()["state"] == state)

        await waiting.until(is_so, within_s=within_s, what=f"{device} is {state}")

    async def well(self) -> None:
        """Returns when every one of them was heard."""
        for device in self.actors:
            await self.state(
                device, "well", within_s=40
            )  # they look for their broker in growing pauses


@contextlib.asynccontextmanager
async def opened(
    town: Town, *devices: str, site: str = "school-2", max_silence_s: int = 4
) -> AsyncIterator[School]:
    """A school that is registered, with its buttons alive."""
    await register(town, *devices, site=site, max_silence_s=max_silence_s)
    stage = Stage(TrueClock(), lambda _: None)
    way = Way(brokers=tuple(mqtt.parse(one.url) for one in town.brokers))
    buttons, found = Cast(stage, way), School(town, site)
    for device in devices:
        moment = clock.read(stage.clock)
        character = Character(
            device=device,
            model="simulated",
            brokers=len(way.brokers),
            check_in_s=CHECK_IN_S,
            clock=replace(DeviceClock()).started(moment),
        )
        button = Button(Settings(character=character), moment, cast.draw_id, boot=1)
        actor = buttons.add(device, button, brokers=character.known_brokers)
        found.actors[device] = actor
        found.lines[device] = [Lossy(line) for line in actor.lines]
        actor.lines = [*found.lines[device]]
    living = asyncio.create_task(buttons.run())
    try:
        yield found
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


async def register(town: Town, *devices: str, site: str, max_silence_s: int) -> None:
    """Enrol them, as the command would write it; a running gateway finds them by itself."""
    place = Site(id=SiteId(site), name=Names(en=site), district="auezov")
    rows = [
        Device(
            id=DeviceId(one),
            sort=Sort.PANIC_BUTTON,
            site=place.id,
            max_silence_s=max_silence_s,
        )
        for one in devices
    ]
    database = open_database(town.database)
    try:
        await database.write(lambda c: sites.put(c, [place], [], rows), Urgency.STEP)
    finally:
        await database.close()
