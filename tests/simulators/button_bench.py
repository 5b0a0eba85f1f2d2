"""A simulated button on a bench: a clock to push, and a note of all that came out."""

import itertools
import json
from datetime import timedelta

from simulators.acts import Act, Deed
from simulators.character import Character
from simulators.clock import PushedClock, read
from simulators.outputs import Output, Publish, Show
from simulators.panic_button.machine import Button, Settings
from simulators.wire import Leaf


class Bench:
    """A button on a bench: a clock to push, and a note of all that came out."""

    def __init__(self, *, kind: str = "panic.pressed", **character: object) -> None:
        self.clock = PushedClock()
        numbers = itertools.count(1)
        whole = {"device": "b1", "model": "test", "brokers": 2, "check_in_s": 1e6, **character}
        settings = Settings(character=Character(**whole), kind=kind)  # type: ignore[arg-type]
        self.button = Button(settings, read(self.clock), lambda: f"id-{next(numbers)}")
        self.outputs: list[Output] = []
        self.pass_(0)
        self.outputs.clear()

    def press(self, kind: str | None = None) -> None:
        self.outputs += self.button.act(read(self.clock), Act(deed=Deed.PRESS, kind=kind))

    def act(self, deed: Deed, percent: int = 100) -> None:
        self.outputs += self.button.act(read(self.clock), Act(deed=deed, percent=percent))

    def pass_(self, seconds: float) -> None:
        """Let time pass, waking the button exactly when it asked to be woken."""
        end_s = self.clock.monotonic() + seconds
        while (wake_s := self.button.next_wake_s()) <= end_s:
            moment = self.clock.push(wake_s - self.clock.monotonic())
            self.outputs += self.button.passed(moment)
        self.clock.push(end_s - self.clock.monotonic())

    def receipt(self, event_id: str = "id-1", broker: int = 0, **fields: object) -> None:
        self.hear(Leaf.RECEIPT, broker, {"id": event_id, **fields})

    def command(
        self, name: str, *, command_id: str = "c1", in_s: float = 60, **data: object
    ) -> None:
        until = (self.clock.now() + timedelta(seconds=in_s)).isoformat()
        body = {"id": command_id, "command": name, "until": until, "data": data}
        self.hear(Leaf.COMMAND, 0, body)

    def hear(self, leaf: Leaf, broker: int, body: object) -> None:
        payload = json.dumps(body).encode()
        self.outputs += self.button.heard(read(self.clock), broker, leaf, payload)

    def beacon(self) -> None:
        self.outputs += self.button.beacon(read(self.clock), b"{}")

    def said(self, leaf: Leaf = Leaf.ALARM) -> list[dict[str, object]]:
        return [
            json.loads(output.payload)
            for output in self.outputs
            if isinstance(output, Publish) and output.leaf is leaf
        ]

    def brokers(self) -> list[int]:
        alarms = (o for o in self.outputs if isinstance(o, Publish) and o.leaf is Leaf.ALARM)
        return [output.broker for output in alarms]

    def lamps(self) -> list[str]:
        return [output.lamp for output in self.outputs if isinstance(output, Show)]
