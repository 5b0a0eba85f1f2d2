"""Which events still wait for a receipt, and when and at which broker they are told again."""

import math
from dataclasses import dataclass

from simulators.clock import Moment
from simulators.wire import Event, Leaf

ALARM_EVERY_S = 2.0
NEXT_BROKER_AFTER_S = 5.0
EVENT_EVERY_S = 10.0
KEPT_ALARMS = 32


@dataclass(slots=True)
class Owed:
    """An event that the device still keeps, and how far its telling has come."""

    event: Event
    began_s: float
    due_s: float
    tries: int = 0
    elsewhere: int = 0
    stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One event to be told now, at one broker."""

    event: Event
    broker: int
    again: bool


class Repeater:
    """The memory of a device: alarms until they are delivered, other events until stored."""

    def __init__(self, *, brokers: int, waits: bool = True, kept_events: int = 1000) -> None:
        self._brokers = brokers
        self._waits = waits
        self._kept_events = kept_events
        self._alarms: dict[str, Owed] = {}
        self._events: dict[str, Owed] = {}
        self._next_due_s = math.inf
        self.home = 0
        self.forgotten = 0

    def take(self, moment: Moment, event: Event) -> list[Telling]:
        """Keep a new event and tell it at once; the oldest gives way where memory ends."""
        owed = Owed(event=event, began_s=moment.monotonic, due_s=moment.monotonic)
        kept, limit = self._kept(event)
        if self._waits:
            if len(kept) >= limit:
                self._give_way(kept)
            kept[event.id] = owed
        return [self._tell(moment, owed)]

    def due(self, moment: Moment) -> list[Telling]:
        """Tell again what has waited long enough for its receipt."""
        if moment.monotonic < self._next_due_s:
            return []
        everything = (*self._alarms.values(), *self._events.values())
        late = [owed for owed in everything if owed.due_s <= moment.monotonic]
        tellings = [self._tell(moment, owed) for owed in late]
        self._next_due_s = min((owed.due_s for owed in everything), default=math.inf)
        return tellings

    def next_due_s(self) -> float:
        """Tell no later than when the next event is due (perhaps earlier)."""
        return self._next_due_s

    def stored(self, event_id: str, broker: int) -> Owed | None:
        """Take a receipt: an alarm is kept but rests, any other event is done."""
        self.home = broker
        if event_id in self._events:
            return self._events.pop(event_id)
        owed = self._alarms.get(event_id)
        if owed is not None:
            owed.stored = True
            owed.due_s = math.inf
        return owed

    def refused(self, event_id: str) -> Owed | None:
        """Take a refusal: telling it again would be refused again, so it is only kept."""
        owed = self._events.pop(event_id, None) or self._alarms.get(event_id)
        if owed is not None:
            owed.due_s = math.inf
        return owed

    def delivered(self, event_id: str | None) -> None:
        """Forget an alarm that reached the centre; without an id every stored one did."""
        done = [key for key, owed in self._alarms.items() if owed.stored]
        for key in [event_id] if event_id in self._alarms else done if event_id is None else []:
            del self._alarms[key]

    def resend(self, moment: Moment) -> list[Telling]:
        """Tell every kept alarm again, each until its next receipt."""
        for owed in self._alarms.values():
            owed.stored = False
            owed.began_s = moment.monotonic
            owed.elsewhere = 0
        return [self._tell(moment, owed) for owed in self._alarms.values()]

    def kept_alarms(self) -> list[Event]:
        """List the alarms still kept, oldest first."""
        return [owed.event for owed in self._alarms.values()]

    def waiting_alarms(self) -> list[Event]:
        """List the alarms without a receipt, oldest first."""
        return [owed.event for owed in self._alarms.values() if not owed.stored]

    def unstored(self) -> int:
        """Count the events that wait for a receipt."""
        return len(self._events) + sum(not owed.stored for owed in self._alarms.values())

    def _kept(self, event: Event) -> tuple[dict[str, Owed], int]:
        if event.leaf is Leaf.ALARM:
            return self._alarms, KEPT_ALARMS
        return self._events, self._kept_events

    def _give_way(self, kept: dict[str, Owed]) -> None:
        safe = next((key for key, owed in kept.items() if owed.stored), None)
        if safe is None:
            self.forgotten += 1  # nobody has stored it: the only loss there is, and it is counted
        del kept[safe or next(iter(kept))]

    def _tell(self, moment: Moment, owed: Owed) -> Telling:
        waited_s = moment.monotonic - owed.began_s
        broker = self.home
        if waited_s >= NEXT_BROKER_AFTER_S:
            owed.elsewhere += 1
            broker = (self.home + owed.elsewhere) % self._brokers
        owed.due_s = moment.monotonic + _pause_s(owed.event, waited_s)
        owed.tries += 1
        if self._waits:
            self._next_due_s = min(self._next_due_s, owed.due_s)
        return Telling(event=owed.event, broker=broker, again=owed.tries > 1)


def _pause_s(event: Event, waited_s: float) -> float:
    if event.leaf is not Leaf.ALARM:
        return EVENT_EVERY_S
    if waited_s < NEXT_BROKER_AFTER_S:  # the change of broker comes at 5 s, not at the next even 2
        return min(ALARM_EVERY_S, NEXT_BROKER_AFTER_S - waited_s)
    return ALARM_EVERY_S
