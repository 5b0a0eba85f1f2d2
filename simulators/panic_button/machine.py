"""How a panic button thinks: presses, receipts, commands and time in; words and light out."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from simulators import wire
from simulators.acts import Act, Deed
from simulators.character import Character
from simulators.clock import Moment
from simulators.outputs import Done, Output, Refused, Show, Sound, Stored, Told
from simulators.station import Station
from simulators.wire import Command, CommandData, Event, Leaf

SHOWN_S = 60.0  # how long an ended alarm stays on the lamp
SENT_SHOWN_S = 5.0  # a class C button knows no more than that it spoke
IDENTIFY_S = 10.0


class Lamp(StrEnum):
    """What the lamp of a button says."""

    IDLE = "idle"
    SENDING = "sending"
    STORED = "stored"
    DELIVERED = "delivered"
    SEEN = "seen"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    CLOSED = "closed"
    REJECTED = "rejected"
    REFUSED = "refused"
    NOT_PROTECTED = "not_protected"
    IDENTIFY = "identify"


LEVELS = {
    lamp.value: lamp
    for lamp in (
        Lamp.DELIVERED,
        Lamp.SEEN,
        Lamp.DISPATCHED,
        Lamp.ON_SCENE,
        Lamp.CLOSED,
        Lamp.REJECTED,
    )
}
ENDED = frozenset({Lamp.CLOSED, Lamp.REJECTED, Lamp.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A button: what all devices have, and the kind of its cry."""

    character: Character
    kind: str = "panic.pressed"


class Button:
    """A panic button."""

    def __init__(
        self, settings: Settings, moment: Moment, draw_id: Callable[[], str], *, boot: int = 1
    ) -> None:
        self.settings = settings
        self.station = Station(settings.character, moment, draw_id, boot=boot)
        self.lamp = Lamp.IDLE
        self._progress = Lamp.IDLE
        self._progress_ends_s = math.inf
        self._identify_ends_s = math.inf
        self._loud_event: str | None = None
        self._sounding = False

    def act(self, moment: Moment, act: Act) -> list[Output]:
        """Let something happen to the button."""
        match act.deed:
            case Deed.PRESS:
                outputs = self.pressed(moment, act)
            case Deed.DURESS:
                outputs = self.pressed(moment, Act(deed=Deed.PRESS, kind="panic.duress"))
            case Deed.REBOOT:
                outputs = self._reboot(moment)
            case _:
                outputs = self.station.wear(moment, act)
        return outputs + self._settle(moment)

    def pressed(self, moment: Moment, act: Act) -> list[Output]:
        """Cry for help."""
        kind = act.kind or self.settings.kind
        outputs = self.station.event(moment, kind, part=act.part, test=act.test)
        if self._silent(kind):
            return outputs
        waits = self.settings.character.ability.waits
        self._shows(Lamp.SENDING, math.inf if waits else moment.monotonic + SENT_SHOWN_S)
        self._loud_event = next((o.event.id for o in outputs if isinstance(o, Told)), None)
        if kind == "panic.audible":
            outputs += self._sound(on=True)
        return outputs + self._settle(moment)

    def heard(self, moment: Moment, broker: int, leaf: Leaf, payload: bytes) -> list[Output]:
        """Hear the gateway on one of the button's own topics."""
        match leaf:
            case Leaf.RECEIPT:
                outputs = self._receipt(moment, broker, payload)
            case Leaf.COMMAND:
                outputs = self.station.command(
                    moment, broker, payload, lambda command: self._do(moment, command)
                )
            case _:
                outputs = []
        return outputs + self._settle(moment)

    def beacon(self, moment: Moment, payload: bytes) -> list[Output]:
        """Hear that a gateway is there."""
        self.station.beacon(moment, payload)
        return self._settle(moment)

    def line_changed(self, moment: Moment) -> list[Output]:
        """Notice that a line came or went."""
        return self.station.line_changed(moment)

    def passed(self, moment: Moment) -> list[Output]:
        """Let time pass."""
        return self.station.passed(moment) + self._settle(moment)

    def next_wake_s(self) -> float:
        """Tell when time alone will change something."""
        return min(self.station.next_wake_s(), self._progress_ends_s, self._identify_ends_s)

    def unstored(self) -> int:
        """Count the events that wait for a receipt."""
        return self.station.memory.unstored()

    def _receipt(self, moment: Moment, broker: int, payload: bytes) -> list[Output]:
        heard = self.station.receipt(moment, broker, payload)
        match heard:
            case Stored(event=event):
                if self._loud(event) and self._progress in {Lamp.SENDING, Lamp.REFUSED}:
                    self._shows(Lamp.STORED)
            case Refused(event=event):
                if event is None:  # perhaps ours: it is said on, and the lamp stays
                    self._refused(math.inf)
                elif self._loud(event):
                    self._refused(moment.monotonic + SHOWN_S)
            case None:
                return []
        return [heard]

    def _refused(self, ends_s: float) -> None:
        if self._loud_event is not None:
            self._shows(Lamp.REFUSED, ends_s)

    def _do(self, moment: Moment, command: Command) -> Done:
        data = command.data or CommandData()
        doings: dict[str, Callable[[Moment, CommandData], Done]] = {
            "confirm": self._confirm,
            "resend": self._resend,
            "test": self._test,
            "identify": self._identify,
            "siren": self._siren,
        }
        do = doings.get(command.command)
        return do(moment, data) if do is not None else ("unsupported", [])

    def _resend(self, moment: Moment, _data: CommandData) -> Done:
        if not self.settings.character.ability.resend:
            return "unsupported", []
        return None, self.station.resend(moment)

    def _test(self, moment: Moment, _data: CommandData) -> Done:
        if self.settings.kind in wire.SILENT_KINDS:
            return "a silent button is never a test", []
        return None, self.pressed(moment, Act(deed=Deed.PRESS, test=True))

    def _identify(self, moment: Moment, _data: CommandData) -> Done:
        if self.settings.character.silent:
            return "silent", []
        self._identify_ends_s = moment.monotonic + IDENTIFY_S
        return None, []

    def _confirm(self, moment: Moment, data: CommandData) -> Done:
        lamp = LEVELS.get(data.level or "")
        if lamp is None:
            return f"unknown level {data.level}", []
        about_loud = data.event_id is None or data.event_id == self._loud_event
        self.station.memory.delivered(data.event_id)
        if data.silent or self._loud_event is None or not about_loud:
            return None, []
        ends_s = moment.monotonic + SHOWN_S if lamp in ENDED else math.inf
        self._shows(lamp, ends_s)
        return None, self._sound(on=False) if lamp in ENDED else []

    def _siren(self, _moment: Moment, data: CommandData) -> Done:
        quiet = any(self._silent(event.kind) for event in self.station.memory.kept_alarms())
        if data.on and (data.silent or quiet or self._silent(self.settings.kind)):
            return "silent", []
        return None, self._sound(on=data.on)

    def _reboot(self, moment: Moment) -> list[Output]:
        loud = [e for e in self.station.memory.waiting_alarms() if self._calls_loudly(e)]
        self._loud_event = loud[-1].id if loud else None
        self._shows(Lamp.SENDING if loud else Lamp.IDLE)
        return self._sound(on=False) + self.station.reboot(moment)

    def _silent(self, kind: str) -> bool:
        return self.settings.character.silent or kind in wire.SILENT_KINDS

    def _calls_loudly(self, event: Event) -> bool:
        return event.kind.startswith("panic.") and not self._silent(event.kind)

    def _loud(self, event: Event) -> bool:
        return event.id == self._loud_event

    def _sound(self, *, on: bool) -> list[Output]:
        if on is self._sounding:
            return []
        self._sounding = on
        return [Sound(on)]

    def _shows(self, lamp: Lamp, ends_s: float = math.inf) -> None:
        self._progress, self._progress_ends_s = lamp, ends_s

    def _settle(self, moment: Moment) -> list[Output]:
        """Show the most important word; a device set silent has no light at all."""
        if moment.monotonic >= self._progress_ends_s:
            self._loud_event = None
            self._shows(Lamp.IDLE)
        if moment.monotonic >= self._identify_ends_s:
            self._identify_ends_s = math.inf
        lamp = self._progress
        if lamp is Lamp.IDLE:
            lamp = Lamp.NOT_PROTECTED if self.station.deaf else Lamp.IDLE
            lamp = Lamp.IDENTIFY if self._identify_ends_s < math.inf else lamp
        if lamp is self.lamp or self.settings.character.silent:
            return []
        self.lamp = lamp
        return [Show(lamp)]
