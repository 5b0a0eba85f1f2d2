"""The ground of one seed: all that is pretended in it, laid out by its dice."""

import random
from dataclasses import dataclass, field

from gateway.domain.site import Sort
from gateway.forward.line import IN_HAND
from gateway.store import sites
from simulators.character import DeviceClass
from tests.domain.making import REGISTRY, device
from tests.simulation.broker import Broker
from tests.simulation.centre import Centre
from tests.simulation.crowd import Crowd
from tests.simulation.gateway import Guarded
from tests.simulation.loop import PretendedClock, PretendedLoop
from tests.simulation.store import Disk, journalled

ROOMS = (IN_HAND, IN_HAND, IN_HAND, 1, 3)
"""In some worlds a line is full again and again."""


@dataclass(slots=True)
class Ground:
    """One or two brokers and gateways, a few buttons, one store, one centre."""

    dice: random.Random
    clock: PretendedClock
    disk: Disk
    brokers: list[Broker]
    centre: Centre
    gateways: list[Guarded]
    buttons: list[str]
    crowd: Crowd = field(init=False)

    def __post_init__(self) -> None:
        def is_stored(name: str, event_id: str) -> bool:
            return self.disk.look(lambda c: journalled(c, name, event_id))

        self.crowd = Crowd(self.clock, self.brokers, self.dice, is_stored)

    def switch_on(self) -> None:
        """Every button; from here on they speak."""
        for name in self.buttons:
            kind = self.dice.choice((DeviceClass.A, DeviceClass.A, DeviceClass.B))
            self.crowd.add(name, kind)


def laid_out(seed: int, loop: PretendedLoop) -> Ground:
    """As that seed says; one of the buttons is registered nowhere."""
    dice, clock = random.Random(seed), PretendedClock(loop)
    disk, centre = Disk(dice), Centre(dice)
    brokers = [Broker(f"b{n}", dice) for n in range(1, dice.choice((1, 2, 2)) + 1)]
    names = ["g1", "g2"][: dice.choice((1, 1, 2))]
    gateways = [Guarded(name, clock, disk, brokers, centre) for name in names]
    room = random.Random(f"the room of {seed}").choice(ROOMS)  # the other dice fall as they did
    for one in gateways:
        one.has_peers, one.room = len(names) > 1, room
    buttons = [f"button-{n}" for n in range(1, dice.randint(2, 5))]
    known = [device(name, Sort.PANIC_BUTTON) for name in buttons[1:]]
    places = [*REGISTRY.sites.values()], [*REGISTRY.zones.values()]
    disk.change(lambda connection: sites.put(connection, *places, known))
    return Ground(dice, clock, disk, brokers, centre, gateways, buttons)
