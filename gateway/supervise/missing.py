"""Missing: what a device counted and nobody heard is asked for; what does not come is an alarm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from adapters.signal import Spoken
from gateway import metrics
from gateway.domain.gaps import REORDER_S, Gap, Numbers
from gateway.domain.supervision import Finding, event_id
from gateway.store import commands, gaps
from gateway.store.commands import Command
from gateway.store.database import Urgency
from gateway.supervise.post import Post

WAITS_S = 30.0
"""So long a device has to say again what is missing."""
LOOKS_AT_ONCE = 50
NEW_LIMIT = 20_000
"""Devices that wait for their first look; beyond, a first number is taken as it comes."""
RECENT = timedelta(minutes=10)
RECENT_ROWS = 2000


@dataclass(slots=True, kw_only=True)
class Missing:
    """How far every device has counted, and what it was asked for."""

    post: Post
    ordered: Callable[[Sequence[Command]], None]
    """Told after the commit which commands are to be sent to devices."""
    numbers: Numbers = field(default_factory=Numbers)
    _new: dict[tuple[str, int], list[tuple[int, float]]] = field(default_factory=dict)
    """Boots that were not heard yet in this life, with what they counted."""
    _asked: dict[tuple[str, int], tuple[Gap, float]] = field(default_factory=dict)
    """What was asked for, and until when it may come."""

    def note(self, said: Spoken, s: float) -> None:
        """A registered device was heard on the alarm lane."""
        boot, seq = said.said.boot, said.said.seq
        if boot is None or seq is None:
            return
        key = (said.device, boot)
        is_known = self.numbers.knows(said.device, boot)
        if is_known or (key not in self._new and len(self._new) >= NEW_LIMIT):
            self.numbers.note(said.device, boot, seq, s)
        else:
            self._new.setdefault(key, []).append((seq, s))

    async def take_up(self) -> None:
        """What was waited for before this life, and what was heard in its last minutes."""
        since, now_s = self.post.clock.now() - RECENT, self.post.clock.monotonic()
        read = self.post.database.read
        for device, boot, seq in await read(lambda c: gaps.recent(c, since, RECENT_ROWS)):
            if device in self.post.registry().devices:
                self.numbers.note(device, boot, seq, now_s - REORDER_S)
        for gap in await read(gaps.kept):
            self.numbers.miss(gap, now_s - REORDER_S)

    async def look(self) -> None:
        """Look up who is new, ask for what is missing, and give up what did not come."""
        await self._look_up()
        if not self.post.on_duty():
            return
        now_s = self.post.clock.monotonic()
        for gap in self.numbers.ripe(now_s):
            if self._can_be_asked(gap):
                await self._ask(gap)
        for gap, until_s in list(self._asked.values()):
            if now_s >= until_s:
                await self._settle(gap)

    async def _look_up(self) -> None:
        """The journal knows where a device stood before: one query, and after the press."""
        for device, boot in list(self._new)[:LOOKS_AT_ONCE]:
            first = min(seq for seq, _ in self._new[device, boot])
            look = partial(gaps.highest, device=device, boot=boot, below=first)
            before = await self.post.database.read(look)
            heard = self._new.pop((device, boot))
            if before is not None:
                self.numbers.note(device, boot, before, heard[0][1])
            for seq, s in heard:
                self.numbers.note(device, boot, seq, s)

    def _can_be_asked(self, gap: Gap) -> bool:
        device = self.post.registry().devices.get(gap.device)
        if device is None:
            self.numbers.give_up(gap)
            return False
        return self.post.presence.can_be_heard(device)

    async def _ask(self, gap: Gap) -> None:
        now, now_s = self.post.clock.now(), self.post.clock.monotonic()

        order = commands.new(gap.device, "resend", {}, now, timedelta(seconds=WAITS_S))

        def work(connection: Connection) -> Gap | None:
            left = self._still_missing(connection, gap)
            if left is not None:
                gaps.keep(connection, [left], now)
                commands.order(connection, [order])
            return left

        left = await self.post.database.write(work, Urgency.STEP)
        if left is None:
            return  # another gateway was quicker, or was on duty and has said it
        self.numbers.ask(left)
        self._asked[left.device, left.boot] = (left, now_s + WAITS_S)
        metrics.gaps.labels("found").inc()
        self.ordered([order])

    async def _settle(self, gap: Gap) -> None:
        """Its time is over: is it there, and if not, what is missing?"""
        if not self._can_be_asked(gap):
            self._asked[gap.device, gap.boot] = (gap, self.post.clock.monotonic() + WAITS_S)
            return
        left = await self.post.database.read(lambda c: self._still_missing(c, gap))
        if left is not None:
            self.post.say(_missing(left))
        metrics.gaps.labels("filled" if left is None else "missing").inc()
        await self.post.database.write(lambda c: gaps.drop(c, [gap]), Urgency.STEP)
        del self._asked[gap.device, gap.boot]
        self.numbers.give_up(gap)

    def _still_missing(self, connection: Connection, gap: Gap) -> Gap | None:
        """What of it is neither in the journal nor said to be missing, by whoever was on duty."""
        left = self.numbers.missing(gap)
        if left is not None:
            self.numbers.fill(gap.device, gap.boot, gaps.heard(connection, left))
            left = self.numbers.missing(gap)
        if left is not None and gaps.is_told(connection, left, event_id(_missing(left), "")):
            self.numbers.give_up(left)
            left = None
        return left


def _missing(gap: Gap) -> Finding:
    """What did not come: the device says that there was a press, and nobody knows which."""
    return Finding(
        kind="events.missing",
        about=gap.device,
        cause=gap.text,
        since=gap.text,
        data={"boot": gap.boot, "missing": [list(one) for one in gap.ranges], "count": gap.count},
        once=True,
    )
