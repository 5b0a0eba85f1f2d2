"""Asking: which alarms were raised, and what each asks of which cameras, written down."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import stills
from gateway.domain.site import DeviceId
from gateway.domain.stills import Fate, Sights, Still, Why
from gateway.evidence import settling
from gateway.evidence.picture import Picture
from gateway.settings import Evidence as Settings
from gateway.store import changes, evidence
from gateway.store.database import Urgency
from gateway.store.evidence import Key, Owed, Raised
from gateway.store.wakeups import Wakeups

BEHIND_S = 0.05
"""The alarm goes first: its notices are under way before anybody looks for cameras."""
POLL_S = 1.0
LOOK_BACK = timedelta(hours=1)
"""At a start: what was raised since then and was never asked for is asked for, or said missed."""
LOOK_AT_ONCE = 200
ASK_AT_ONCE = 25
"""Alarms whose stills are written down in one transaction: a few milliseconds."""
REMEMBERED = 20_000


@dataclass(slots=True)
class _Asked:
    """What some alarms ask: of cameras that are ours to ask, of others', and beyond all bounds."""

    ours: list[Still] = field(default_factory=list)
    others: list[Still] = field(default_factory=list)
    beyond: list[Still] = field(default_factory=list)
    pictures: dict[Key, Picture] = field(default_factory=dict)
    """Those of ours that were taken before the alarm."""


@dataclass(slots=True, kw_only=True)
class Asker:
    """Follows the alarms that move."""

    desk: Desk
    wakeups: Wakeups
    settings: Settings
    sights: Callable[[], Sights]
    before: Callable[[DeviceId, datetime], Picture | None]
    """The rolling still of that camera nearest to that moment."""
    holds: Callable[[DeviceId], bool]
    take: Callable[[Owed, Picture | None], Still | None]
    """Takes what was written down in hand; or says how it ended."""
    _position: int | None = None
    _is_behind: bool = True
    """Whether there may be something left that was raised before we looked …"""
    _last: Raised | None = None
    """… and how far back we are with it."""
    _seen: int = -1
    _done: "OrderedDict[str, None]" = field(default_factory=OrderedDict)

    async def look(self) -> None:
        """Wait for news, and ask for what was raised."""
        seen = await self.wakeups.wait(self._seen, POLL_S)
        if seen != self._seen:
            await self.desk.clock.sleep(BEHIND_S)
        if not self.sights().cameras:
            self._position, self._seen = None, seen
            return  # there is nobody to be asked, and nothing to be read
        read, wanted = self.desk.database.read, self.settings.priorities
        if self._position is None:
            _, self._position = await read(changes.bounds)
            self._is_behind, self._last = True, None
        since = self.desk.clock.now() - stills.FRESH
        news = partial(evidence.moved, priorities=wanted, since=since, limit=LOOK_AT_ONCE)
        raised, position = await read(partial(news, position=self._position))
        await self._ask_all(raised)
        self._position = position
        if len(raised) < LOOK_AT_ONCE and not await self._catch_up():
            self._seen = seen

    async def _catch_up(self) -> bool:
        """Some of what was raised before we looked; whether there is more. News go in between."""
        if not self._is_behind:
            return False
        wanted, since = self.settings.priorities, self.desk.clock.now() - LOOK_BACK
        some = await self.desk.database.read(
            lambda c: evidence.unasked(c, wanted, since, LOOK_AT_ONCE, self._last)
        )
        await self._ask_all(some)
        self._is_behind = len(some) == LOOK_AT_ONCE
        self._last = some[-1] if some else None
        return self._is_behind

    async def _ask_all(self, raised: Sequence[Raised]) -> None:
        """The most urgent first, so many in one transaction."""
        alarms = {one.id: one for one in raised if one.id not in self._done}
        urgent = sorted(alarms.values(), key=lambda one: (one.priority, one.raised_at))
        for start in range(0, len(urgent), ASK_AT_ONCE):
            some = urgent[start : start + ASK_AT_ONCE]
            await self._ask(some)
            self._remember(one.id for one in some)

    async def _ask(self, alarms: Sequence[Raised]) -> None:
        asked, now = _Asked(), self.desk.clock.now()
        for one in alarms:
            self._add(one, asked)
        gateway = self.desk.teller.gateway

        def write(connection: Connection) -> set[Key]:
            ours = evidence.ask(connection, [*asked.ours, *asked.beyond], gateway, now)
            evidence.ask(connection, asked.others, None, now)
            # Another gateway was first, and left these to whoever holds the camera.
            left = {one.camera for one in asked.ours if one.key not in ours}
            return ours | evidence.claim(connection, gateway, left, now, len(asked.ours))

        new = await self.desk.database.write(write, Urgency.EVENT)
        of = {one.id: one for one in alarms}
        taken = [self._take(one, of[one.alarm], asked) for one in asked.ours if one.key in new]
        beyond = [
            replace(one, fate=Fate.SKIPPED, why=Why.TOO_MANY)
            for one in asked.beyond
            if one.key in new
        ]
        await settling.end(self.desk, [*(one for one in taken if one is not None), *beyond])

    def _take(self, still: Still, alarm: Raised, asked: _Asked) -> Still | None:
        owed = Owed(
            still=still,
            site=alarm.site or "",
            priority=alarm.priority,
            gateway=self.desk.teller.gateway,
        )
        return self.take(owed, asked.pictures.get(still.key))

    def _add(self, alarm: Raised, asked: _Asked) -> None:
        """What that alarm asks: first of those that show it best, and no more than was set."""
        cameras = self.sights().of_alarm(alarm.device, alarm.site, alarm.zone)
        chosen = cameras[: self.settings.cameras]
        for still in stills.asked(alarm.id, alarm.raised_at, chosen, (stills.BEFORE_S,)):
            found = self.before(still.camera, still.due_at)
            if found is not None:
                asked.pictures[still.key] = found
                asked.ours.append(still)
        for still in stills.asked(alarm.id, alarm.raised_at, chosen, stills.OFFSETS_S):
            (asked.ours if self.holds(still.camera) else asked.others).append(still)
        asked.beyond += stills.asked(alarm.id, alarm.raised_at, cameras[len(chosen) :], (0,))

    def _remember(self, alarms: Iterable[str]) -> None:
        """An alarm moves often, and asks once."""
        self._done.update(dict.fromkeys(alarms))
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
