"""Emergency: a cry that is not stored within a second goes out all the same, and is called so.

Commit first has a way out. It looks at what waits on the alarm lane ten times a second, and leans
on no call to the store that might hang. Nothing here is a receipt: the device goes on repeating.
"""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from adapters.notice import Notice
from adapters.signal import Receipt, Said, Signal, Spoken, Unreadable
from gateway import metrics
from gateway.bus import Heard
from gateway.desk import Desk
from gateway.domain import belief, proof, telling
from gateway.domain import kind as kinds
from gateway.domain.alarm import Alarm
from gateway.domain.belief import Doubt
from gateway.domain.decision import Change
from gateway.domain.event import Event
from gateway.domain.outcry import Circumstances, Outcry
from gateway.domain.telling import Anchor, Context
from gateway.emergency.calls import Calls
from gateway.store import alarms, commit
from gateway.store.database import StoreBroken, StoreDown, Urgency
from gateway.store.outbox import Delivery

LATE_S = 1.0
LOOK_EVERY_S = 0.1
CROWDED = 10
"""So many unanswered make a broker's window narrow (20 messages over MQTT 3.1.1, else 64) …"""
PATIENT_S = 10.0
"""… and then even a cry that no receiver has accepted yet holds it no longer than this."""
LAST_WORDS_S = 3.0
UNCOUNTED = 0
"""The sequence of what is not in the outbox; the first that counts is 1."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Seen:
    """What waits, as it was looked at; `key` is the same for a press and its repeats."""

    heard: Heard
    key: bytes
    alarm: str | None = None
    """The alarm that was told of it, or that it is one more press of."""
    is_judged: bool = False
    is_acknowledged: bool = False


@dataclass(slots=True, kw_only=True)
class Emergency:
    """The look at what waits, and what is done about it."""

    desk: Desk
    outcry: Outcry
    calls: Calls
    circumstances: Callable[[], Circumstances]
    unanswered_since: Callable[[], float | None]
    """When the oldest that waits was heard; None: nothing waits."""
    unanswered: Callable[[], Sequence[Heard]]
    """All that waits, in order."""
    let_go: Callable[[Collection[int]], Sequence[Heard]]
    """Takes off the lane what need not be stored, by what `id()` says of each; what was there."""
    anchor: Callable[[], Anchor]
    """The journal's head as it was last known."""
    shout: Callable[[Alarm], None] = lambda _: None
    """Shows an alarm on every open console, marked as not stored."""
    _seen: dict[int, _Seen] = field(default_factory=dict)
    _is_out: bool = False
    """Whether something goes out unstored now."""
    _let_go: int = 0
    _told: int = 0
    _late_raising: "asyncio.Task[None] | None" = None

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    self.look(group)
                except Exception:
                    # Whatever it was: the next look may do better, and the gateway must live.
                    log.exception("what waits could not be looked at")
                await self.desk.clock.sleep(LOOK_EVERY_S)

    def look(self, group: asyncio.TaskGroup) -> None:
        """Tell what has waited too long; while nothing has, this costs a comparison."""
        since, now = self.unanswered_since(), self.desk.clock.monotonic()
        if since is not None and now - since >= LATE_S:
            self._look_at(self.unanswered(), now)
        elif self._is_out:
            self._is_over()
        if not self.outcry.told and not len(self.calls):
            return
        self.calls.keep(self.outcry.told)
        self.calls.send_due(group)
        metrics.unstored.set(len(self.outcry.told))
        if not self._is_out and self._late_raising is None:
            self._late_raising = group.create_task(self._raise_late(), name="raise late")

    async def last_words(self) -> None:
        """The store is broken and the process ends: whatever waits is told now, for a moment."""
        self.calls.hurry()
        self._look_at(self.unanswered(), self.desk.clock.monotonic(), late_s=0.0)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S), asyncio.TaskGroup() as group:
                while len(self.calls):
                    self.calls.send_due(group)
                    await self.desk.clock.sleep(LOOK_EVERY_S)
        log.error("last words said", alarms=len(self.outcry.told), unaccepted=len(self.calls))

    def _look_at(self, waiting: Sequence[Heard], now: float, late_s: float = LATE_S) -> None:
        if not self._is_out:
            self._is_out = True
            log.error("the store is late: presses go out unstored", waiting=len(waiting))
        self._seen = {id(heard): self._seen.get(id(heard)) or _look(heard) for heard in waiting}
        firsts: dict[bytes, _Seen] = {}
        spare = [one for one in self._seen.values() if firsts.setdefault(one.key, one) is not one]
        for one in firsts.values():
            waited_s = now - one.heard.at
            if waited_s >= late_s and not one.is_judged:
                self._judge(one, now, waited_s)
        self._relieve(spare, list(firsts.values()), now)

    def _judge(self, one: _Seen, now: float, waited_s: float) -> None:
        said = one.heard.said
        one.is_judged = True
        if not isinstance(said, Spoken | Unreadable):
            return
        judged = self.outcry.consider(said, self.circumstances(), now, waited_s)
        one.is_judged = not judged.is_open
        if judged.change is not None:
            one.alarm = judged.change.alarm.id
            self.shout(judged.change.alarm)
            if judged.change.is_new:
                self._tell(judged.change)

    def _tell(self, change: Change) -> None:
        """Once to every receiver, under the key that its first notice will have."""
        self._told += 1
        teller, alarm = self.desk.teller, change.alarm
        context = Context(
            now=self.desk.clock.now(),
            registry=self.desk.registry(),
            anchor=self.anchor(),
            drifting=lambda _: False,
            stored=False,
        )
        event = telling.content(change, 1, teller, context, None)
        for receiver in teller.told(alarm):
            notice = Notice(
                id=str(event["id"]),
                type=str(event["type"]),
                body=telling.frozen(event, receiver, teller.gateway, UNCOUNTED),
                priority=int(alarm.priority),
                subject=alarm.id,
            )
            self.calls.owe(receiver, notice, alarm.device)

    def _relieve(self, spare: Sequence[_Seen], kept: Sequence[_Seen], now: float) -> None:
        """Keep the brokers' windows open for the next cry.

        A repeat of what waits need not be kept: its first is. And what was told need not be kept
        by the broker as well: its device repeats it until the receipt.
        """
        gone = {id(heard): heard for heard in self.let_go({id(one.heard) for one in spare})}
        self._let_go += len(gone)
        for heard in gone.values():
            _count(heard)
        for one in spare:  # also of a batch under way, which nobody can cut
            self._acknowledge(one)
        if len(kept) + self._let_go < CROWDED:
            return
        for one in kept:
            waited_s = now - one.heard.at
            is_told = one.alarm is None or one.alarm in self.calls.accepted
            is_due = waited_s >= PATIENT_S or (waited_s >= LATE_S and is_told)
            if is_due:
                self._acknowledge(one)

    def _acknowledge(self, one: _Seen) -> None:
        """Whoever keeps it for us may let it go; that is no receipt."""
        if not one.is_acknowledged:
            one.is_acknowledged = True
            one.heard.answer(Receipt(device=one.heard.said.device, is_waiting=True))

    def _is_over(self) -> None:
        log.info("the store is in time again", told_unstored=self._told)
        self._is_out, self._let_go, self._told = False, 0, 0
        self._seen.clear()
        metrics.unstored.set(len(self.outcry.told))

    async def _raise_late(self) -> None:
        """What was told and is stored otherwise must be there as it was told: it will be answered.

        So it is where another gateway was first, or where a commit's fate was unknown.
        """
        try:
            for change in list(self.outcry.told.values()):
                self.desk.owed(await self._raised(change))
                self.outcry.forget(change.alarm.id)
        except StoreDown as error:
            log.debug("what was told waits for the store", why=str(error))
        finally:
            self._late_raising = None
            metrics.unstored.set(len(self.outcry.told))

    async def _raised(self, change: Change) -> list[Delivery]:
        def raise_(connection: Connection) -> list[Delivery]:
            if alarms.get(connection, change.alarm.id) is not None:
                return []
            context = self.desk.context(connection, self.desk.clock.now())
            return commit.write(connection, [change], self.desk.teller, context)

        try:
            return await self.desk.database.write(raise_, Urgency.ALARM)
        except (StoreDown, StoreBroken):
            raise
        except Exception:
            log.exception("what was told cannot be stored")
            return []


def _look(heard: Heard) -> _Seen:
    return _Seen(heard, _key(heard.said))


def _key(said: Signal | Event) -> bytes:
    """The same for whatever would be stored as one: a press and its repeats, a canary's presses."""
    match said:
        case Spoken(said=Said(kind=proof.KIND)):
            parts = [said.device, proof.KIND, said.said.id.partition(".")[0]]
        case Spoken():
            parts = [said.device, said.said.id, str(said.retained), belief.encoded(said).hex()]
        case Unreadable():
            parts = [said.device, said.reason, str(said.retained), said.body.hex()]
        case _:
            parts = [str(id(said))]
    return hashlib.blake2b("\0".join(parts).encode(errors="replace"), digest_size=16).digest()


def _count(heard: Heard) -> None:
    """What is let go is counted as what it would have been."""
    said, times = heard.said, heard.signals
    kind = kinds.find(said.said.kind) if isinstance(said, Spoken) else None
    if kind is None:
        reason = said.reason if isinstance(said, Unreadable) else Doubt.UNKNOWN_KIND
        metrics.signals.labels("unreadable", "quarantined").inc(times)
        metrics.quarantined.labels(reason).inc(times)
    else:
        result = "check_in" if kind.name == proof.KIND else "repeat"
        metrics.signals.labels(kinds.label(kind), result).inc(times)
