"""Owing: what was concluded of one camera and is not stored yet, each under an id of its own.

Pure.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Final

import msgspec

from adapters.devices.onvif import conclusion
from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.notification import Notification, Operation
from adapters.devices.onvif.topics import SORTS, Meaning
from adapters.signal import Lane

OWED: Final = 256
"""So much is kept of one camera until it is stored; of what is worth least the oldest goes."""
CROWD: Final = OWED - 100
"""With more than this owed that must not go, one reply more may cost some of it."""
IDS: Final = 64
"""The last ids of so many things are remembered."""
BASES: Final = 4
"""So many of each: a clock without a battery says one moment again after every boot."""
CRIES: Final = frozenset({"input.activated", "input.cleared", "passage.duress"})
"""Somebody may be crying for help by it."""
SPARE: Final = frozenset(
    kind
    for kind, sort in SORTS.items()
    if sort.lane is Lane.EVENT and sort.ended_by is None and not sort.happens
)
"""Of these nobody is told, and nothing ends them: motion."""
_MOMENTARY: Final = frozenset(
    kind for kind, sort in SORTS.items() if sort.ended_by is None and kind not in CRIES
)
_KEPT: Final = 3


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """How a reply was heard."""

    now: datetime
    initial: bool
    replayed: bool
    clock_runs: bool
    trusted: bool
    """Whether what it calls so at connect is to be believed."""
    out: list[Concluded]
    """What is concluded from it."""

    @property
    def ms(self) -> int:
        """Our time of receipt."""
        return int(self.now.timestamp() * 1000)


class _Used(msgspec.Struct, frozen=True):
    """What an id was derived from, for whom, how often by then; and the first such id."""

    base: bytes
    mark: int
    times: int
    id: bytes


class Owing:
    """What must still be stored; and which ids are used."""

    def __init__(self) -> None:
        self._owed: OrderedDict[str, Concluded] = OrderedDict()
        self._used: OrderedDict[tuple[str, bool], tuple[_Used, ...]] = OrderedDict()
        self.forgotten = 0
        """So much had to go before it was stored."""

    @property
    def is_crowded(self) -> bool:
        """Whether there may be no room for what one reply more brings."""
        return sum(_worth(one) == _KEPT for one in self._owed.values()) > CROWD

    def all(self) -> list[Concluded]:
        """Everything owed, oldest first."""
        return list(self._owed.values())

    def settle(self, concluded: Concluded) -> None:
        """It is stored."""
        self._owed.pop(concluded.id, None)

    def emit(self, one: Concluded, out: list[Concluded]) -> None:
        """It is to be handed in, and owed until it is stored, as it was heard."""
        self._owed[one.id] = one
        if len(self._owed) > OWED:
            del self._owed[min(self._owed.values(), key=_worth).id]  # the oldest of them
            self.forgotten += 1
        out.append(one)

    def conclude(
        self,
        meaning: Meaning,
        heard: Notification,
        at: Moment,
        *,
        active: bool,
        lasts: bool,
        part: int,
    ) -> Concluded:
        """Put it in words, under an id of its own."""
        usable = at.clock_runs and heard.said_at is not None
        base = conclusion.base(meaning, heard, active=active, at_ms=None if usable else at.ms)
        initial = heard.operation is Operation.INITIALIZED
        key = conclusion.key(meaning, heard)
        # Two persons pass in one second, and of neither anything is in the id.
        mark = hash(conclusion.credential(heard)) if meaning.sort.happens else 0
        return Concluded(
            kind=meaning.kind if active else meaning.sort.ended_by or meaning.kind,
            lane=meaning.sort.lane,
            key=key,
            active=active,
            lasts=lasts,
            id=self._once((key, active), base, mark, at).hex(),
            part=part,
            said_at=heard.said_at,
            data=conclusion.data(meaning, heard, initial=initial),
            initial=initial,
            heard_at=at.now,
            # What merely happens and is called state happened before.
            is_history=at.replayed or (initial and meaning.sort.happens),
        )

    def _once(self, about: tuple[str, bool], base: bytes, mark: int, at: Moment) -> bytes:
        """That base; or another, where it was used for another event.

        Many clocks have whole seconds, and some stand still; an id that is used twice would make
        the second press a repeat of the first. What Seek hands again is no other event. What is
        not remembered here (another life) intake tells apart by when it was heard.
        """
        known = self._used.pop(about, ())
        same = [one for one in known if one.base == base]
        ours = next((one for one in same if one.mark == mark), None)
        if not same:
            used, found = _Used(base, mark, 1, base), base
        elif at.replayed or (ours is not None and mark != 0):
            used = ours or same[0]
            found = used.id
        else:
            times = 1 + max(one.times for one in same)
            found = conclusion.another(base, times, at.ms)
            used = _Used(base, mark, times, found if ours is None else ours.id)
        kept = [one for one in known if (one.base, one.mark) != (base, used.mark)]
        self._used[about] = (*kept, used)[-BASES:]
        if len(self._used) > IDS:
            self._used.popitem(last=False)
        return found


def _worth(one: Concluded) -> int:
    """What goes last where not all can be owed: what ends something, or cries."""
    if one.lane is Lane.EVENT:
        return 0 if one.kind in SPARE else 1
    return 2 if one.kind in _MOMENTARY else _KEPT
