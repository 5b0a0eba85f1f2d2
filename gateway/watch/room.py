"""Room: how much of the bus one camera may fill, and all of them together.

Brokers have receive windows; a camera has none. One gone mad must not fill the lane on which the
buttons' presses come, and what is no cry must not keep a cry away.
"""

from dataclasses import dataclass, field

from adapters.devices.onvif.owing import CRIES
from adapters.signal import Answer, Lane, Receipt, Signal, Spoken, Unreadable
from gateway.bus import Bus, Heard, LaneFull
from gateway.domain import belief

AT_ONCE = 32
"""So many unanswered signals of one camera are on the bus."""
OTHERS_AT_ONCE = AT_ONCE // 2
"""So many of them, where they are no cries; a press finds the other half free."""


@dataclass(slots=True)
class _Waiting:
    """One signal on the bus."""

    answer: Answer
    is_cry: bool
    is_common: bool
    """Whether it takes of the room that all cameras have together."""


@dataclass(slots=True)
class Room:
    """What one camera has on the bus, over all lives of its link."""

    waiting: dict[str, _Waiting] = field(default_factory=dict)
    """By id, until the final answer."""

    def is_full(self, *, for_cry: bool) -> bool:
        """Whether no more of it is taken."""
        if for_cry or len(self.waiting) >= AT_ONCE:
            return len(self.waiting) >= AT_ONCE
        return sum(not one.is_cry for one in self.waiting.values()) >= OTHERS_AT_ONCE


@dataclass(slots=True)
class Rooms:
    """The bus, for all cameras."""

    bus: Bus
    common: int = 0
    """How much of theirs on the alarm lane is no cry."""

    def put(self, room: Room, signal: Signal, answer: Answer, now_s: float) -> bool:
        """Queue it; False: it waits already, and this is whom to answer from now on.

        Raises:
            LaneFull: it was not taken.
        """
        key = signal.said.id if isinstance(signal, Spoken) else f"no id {id(signal)}"
        before = room.waiting.get(key)
        if before is not None:
            before.answer = answer
            return False
        is_cry = isinstance(signal, Spoken) and signal.said.kind in CRIES
        is_alarm = isinstance(signal, Spoken | Unreadable) and belief.lane_of(signal) is Lane.ALARM
        is_common = is_alarm and not is_cry
        if room.is_full(for_cry=is_cry) or (is_common and self.common >= self.bus.limit // 2):
            raise LaneFull

        def answered(receipt: Receipt) -> None:
            one = room.waiting.get(key)
            if one is None:
                return
            if not receipt.is_waiting:
                self._give_back(room, key)
            one.answer(receipt)

        room.waiting[key] = _Waiting(answer, is_cry, is_common)
        self.common += is_common
        try:
            self.bus.put(Heard(signal, answered, now_s))
        except LaneFull:
            self._give_back(room, key)
            raise
        return True

    def _give_back(self, room: Room, key: str) -> None:
        self.common -= room.waiting.pop(key).is_common
