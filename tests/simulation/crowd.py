"""Simulated buttons at the pretended brokers; the machines are the ones of `simulators`."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.devices.mqtt import dabyl_v1
from simulators.acts import Act, Deed
from simulators.character import Character, DeviceClass
from simulators.clock import Clock, DeviceClock, read
from simulators.outputs import Output, Publish, Refused, Stored, Told
from simulators.panic_button.machine import Button, Settings
from simulators.wire import Leaf, topic
from tests.simulation.broker import Broker

LONG_S = 3600.0
Press = tuple[str, str]


@dataclass(slots=True)
class Crowd:
    """Every button, what it said, and what it was promised."""

    clock: Clock
    brokers: list[Broker]
    dice: random.Random
    is_stored: Callable[[str, str], bool]
    """Asked at every receipt: a promise must be true when it is given."""
    pressed: dict[Press, float] = field(default_factory=dict)
    receipted: dict[Press, float] = field(default_factory=dict)
    broken: list[Press] = field(default_factory=list)
    """Receipts for what was not stored."""
    refused: list[str] = field(default_factory=list)
    buttons: dict[str, "_Wired"] = field(default_factory=dict)

    def add(self, device: str, device_class: DeviceClass) -> None:
        """One more button, switched on."""
        self.buttons[device] = _Wired(self, device, device_class)

    def do(self, device: str, act: Act) -> None:
        """Something happens to a button."""
        wired = self.buttons[device]
        wired.put_out(wired.button.act(read(self.clock), act))

    def waiting(self) -> list[Press]:
        """Alarms that still ask: no receipt came, nor a confirmation, which says more."""
        return [
            (device, event.id)
            for device, one in self.buttons.items()
            for event in one.button.station.memory.waiting_alarms()
        ]

    def opened(self) -> list[str]:
        """Buttons whose case is open now."""
        return [device for device, one in self.buttons.items() if one.button.station.tamper]

    def hear(self, device: str, output: Output) -> None:
        """Keep the books."""
        now = self.clock.monotonic()
        match output:
            case Told(event=event, again=False) if event.leaf is Leaf.ALARM:
                self.pressed[device, event.id] = now
            case Stored(event=event):
                self.receipted.setdefault((device, event.id), now)
                if not self.is_stored(device, event.id):
                    self.broken.append((device, event.id))
            case Refused(reason=reason):
                self.refused.append(reason)
            case _:
                pass


class _Wired:
    """One button with its lines and its timer."""

    def __init__(self, crowd: Crowd, device: str, device_class: DeviceClass) -> None:
        self._crowd, self._device = crowd, device
        moment = read(crowd.clock)
        character = Character(
            device=device,
            model="simulated",
            brokers=len(crowd.brokers),
            device_class=device_class,
            clock=DeviceClock().started(moment),
            first_check_in_s=crowd.dice.uniform(0, 30),
        )
        draw = crowd.dice
        self.button = Button(
            Settings(character=character), moment, lambda: f"{draw.getrandbits(96):024x}"
        )
        self._timer: asyncio.TimerHandle | None = None
        self._brokers = crowd.brokers[: character.known_brokers]
        for number, broker in enumerate(self._brokers):
            broker.join(device, self._hearer(number))
        self._wind()

    def put_out(self, outputs: list[Output]) -> None:
        """Say what came out of it, and wind its timer anew."""
        for output in outputs:
            self._crowd.hear(self._device, output)
            if isinstance(output, Publish):
                self._say(output)
        self._wind()

    def _say(self, one: Publish) -> None:
        later_s = self._crowd.dice.expovariate(1 / 0.003)
        broker = self._brokers[one.broker % len(self._brokers)]
        name = topic(self._device, one.leaf)
        asyncio.get_running_loop().call_later(later_s, broker.said, name, one.payload)

    def _hearer(self, number: int) -> Callable[[str, bytes], None]:
        def hear(name: str, payload: bytes) -> None:
            moment = read(self._crowd.clock)
            if name.startswith(dabyl_v1.beacon_topic("")):
                self.put_out(self.button.beacon(moment, payload))
            else:
                leaf = Leaf(name.rpartition("/")[2])
                self.put_out(self.button.heard(moment, number, leaf, payload))

        return hear

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait_s = self.button.next_wake_s() - self._crowd.clock.monotonic()
        loop = asyncio.get_running_loop()
        # At least a moment: within the resolution of the loop, time would stand still.
        self._timer = loop.call_later(max(0.001, min(wait_s, LONG_S)), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.put_out(self.button.passed(read(self._crowd.clock)))


PRESSES = (
    Act(deed=Deed.PRESS),
    Act(deed=Deed.PRESS),
    Act(deed=Deed.PRESS),
    Act(deed=Deed.PRESS, part=2),
    Act(deed=Deed.DURESS),
    Act(deed=Deed.TAMPER_OPEN),
    Act(deed=Deed.TAMPER_CLOSE),
    Act(deed=Deed.REBOOT),
)
