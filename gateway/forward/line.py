"""The line to one receiver: what to send next, what its answer means, and when to try again."""

import asyncio
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

import structlog

from adapters.notice import Notice
from adapters.receivers.contract import Accepted, Forwarder, Outcome, Reason, Refused, TryAgain
from gateway import metrics
from gateway.clock import Clock
from gateway.domain import breaker
from gateway.domain.breaker import Breaker
from gateway.domain.kind import Priority
from gateway.forward.hold import Hold
from gateway.forward.order import Order
from gateway.forward.queue import PICTURES, Pending, Queue
from gateway.store.outbox import Delivery, Settled, Settlement

AT_ONCE = 64
"""Deliveries under way to one receiver …"""
CRIES_AT_ONCE = 256
"""… and with the first words of P0, which wait for nobody."""
IN_HAND = 2000
LATE_AFTER_S = 30.0
TURN_S = 1.0
"""The loop turns at least so often: by that it is known not to stand still."""
SEND_TIMEOUT_S = 10.0
"""A forwarder answers within 5 s; this only guards against one that does not."""
_UNREACHABLE = {Reason.TIMEOUT, Reason.UNREACHABLE, Reason.TLS}

log = structlog.get_logger()


class Trouble(StrEnum):
    """What is wrong with a receiver; kinds of events in the gateway's own voice."""

    UNREACHABLE = "centre.unreachable"
    REFUSING = "centre.refusing"
    UNPROVEN = "centre.unproven"
    DELIVERY_REFUSED = "delivery.refused"
    REACHED = "centre.reached"


@dataclass(slots=True, kw_only=True)
class Line:
    """One receiver: its queue, its breaker, its attempts under way."""

    name: str
    forwarder: Forwarder
    clock: Clock
    has_backup: bool = False
    room: int = IN_HAND
    """So many may be in hand; what comes on top waits in the store."""
    settled: Callable[[Delivery, Settlement], None]
    """Told how a delivery ended; to be written down in the next commit."""
    voice: Callable[[Trouble, str], None]
    """Told what the gateway has to say about this receiver."""
    dice: random.Random = field(default_factory=random.Random)
    queue: Queue = field(default_factory=Queue)
    breaker: Breaker = field(default_factory=Breaker)
    troubles: set[Trouble] = field(default_factory=set)
    order: Order = field(default_factory=Order)
    turned_at: float = 0.0
    """When its loop last turned, monotonic."""
    hold: Hold = field(default_factory=Hold)
    _flying: int = 0
    _probe: Pending | None = None
    """The one under way to ask a silent receiver with."""
    _group: asyncio.TaskGroup | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(
        self, delivery: Delivery, *, attempts: int = 0, claimed_at: float | None = None
    ) -> bool:
        """Take one in hand; False where there is no room: the caller lets go of it in the store.

        What comes later of the same alarm then waits there too, until it is claimed in order.
        """
        is_cry = delivery.priority == Priority.P0 and delivery.is_raised
        key = delivery.alarm or delivery.key
        is_late = not self.order.allows(key, claimed_at)
        if is_late or (len(self.queue) >= self.room and not is_cry):
            self.order.turn_away(key, delivery.id)
            return False
        self.queue.put(delivery, attempts=attempts)
        if delivery.is_picture and self.queue.pictures > PICTURES:
            self._settle(self.queue.by_id[delivery.id], Settled.DEAD, None, "too many pictures")
        self._send_what_may_go()
        return True

    def held(self, until: float) -> None:
        """What is in hand is ours until then, monotonic."""
        self.hold.renewed(until)
        self.order.forget(self.clock.monotonic())
        self._changed.set()

    def lose(self, ids: Collection[int]) -> list[int]:
        """Others send those now; the ids of what must be let go of, for it comes after them."""
        dropped = self.queue.lose(ids)
        alarms = {one.delivery.alarm or one.delivery.key for one in dropped}
        self.order.lose(alarms, self.clock.monotonic())
        return [one.delivery.id for one in dropped if one.delivery.id not in ids]

    @property
    def state(self) -> str:
        """`ok`, `late` or `down`: what the beacon and the health page say."""
        if self.breaker.is_open:
            return "down"
        since = self.queue.waits_since()
        waited_s = 0.0 if since is None else (self.clock.now() - since).total_seconds()
        return "late" if waited_s > LATE_AFTER_S else "ok"

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            while True:
                self.turned_at = self.clock.monotonic()
                self._send_what_may_go()
                self._changed.clear()
                await self._until_something_changes()

    def _send_what_may_go(self) -> None:
        """At once, from wherever it became possible: a press waits for no turn of the loop."""
        if self._group is None:
            return
        while (pending := self._next()) is not None:
            self._group.create_task(self._attempt(pending), name=f"deliver to {self.name}")
        self._changed.set()

    def _next(self) -> Pending | None:
        now = self.clock.monotonic()
        cry = self.queue.first_cry() if self._flying < CRIES_AT_ONCE else None
        if cry is not None:
            return self._fly(cry)
        if self.hold.is_in_doubt(now):
            return None
        if self.breaker.is_open:
            return self._next_probe(now)
        pending = self.queue.next(now) if self._flying < AT_ONCE else None
        return None if pending is None else self._fly(pending)

    def _next_probe(self, now: float) -> Pending | None:
        if self._probe is not None or now < self.breaker.next_probe_at:
            return None
        self._probe = self.queue.probe(self.breaker.last_failed)
        if self._probe is None:  # everything in hand is under way
            self.breaker.next_probe_at = now + breaker.PROBE_EVERY_S
            return None
        return self._fly(self._probe)

    def _fly(self, pending: Pending) -> Pending:
        self._flying += 1
        return pending

    async def _until_something_changes(self) -> None:
        """Wait for a delivery, an answer, a due time, or the next probe."""
        now = self.clock.monotonic()
        dues = [due for due in (self.queue.next_due(),) if due is not None]
        if self.breaker.is_open:
            is_asking = self._probe is not None or not len(self.queue)
            dues = [] if is_asking else [self.breaker.next_probe_at]
        if self.hold.is_in_doubt(now):
            dues = []
        dues.append(now + TURN_S)
        waiter = asyncio.ensure_future(self._changed.wait())
        sleeper = asyncio.ensure_future(self.clock.sleep(max(0.0, min(dues) - now)))
        try:
            await asyncio.wait({waiter, sleeper}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiter.cancel()
            sleeper.cancel()

    async def _attempt(self, pending: Pending) -> None:
        pending.attempts += 1
        try:
            outcome = await self._send(pending)
        finally:
            self._flying -= 1
            if self._probe is pending:
                self._probe = None
            self._changed.set()
        self._judge(pending, outcome)

    async def _send(self, pending: Pending, *, backup: bool = False) -> Outcome:
        delivery = pending.delivery
        notice = Notice(
            id=delivery.key,
            type=delivery.type,
            body=delivery.body,
            priority=pending.priority,
            subject=delivery.alarm or delivery.key,
        )
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                outcome = await self.forwarder.send(notice, backup=backup)
        except TimeoutError:
            outcome = TryAgain(reason=Reason.TIMEOUT, detail="no answer")
        may_use_backup = self.has_backup and not backup and pending.priority is Priority.P0
        if isinstance(outcome, Refused) and may_use_backup:
            return await self._send(pending, backup=True)
        return outcome

    def _judge(self, pending: Pending, outcome: Outcome) -> None:
        now = self.clock.monotonic()
        match outcome:
            case Accepted():
                self._reached()
                self._settle(pending, Settled.DONE, outcome.reference)
                took = (self.clock.now() - pending.delivery.created_at).total_seconds()
                seconds = metrics.delivery_seconds.labels(self.name, pending.priority.name)
                seconds.observe(max(0.0, took))
                metrics.attempts.labels(self.name, "accepted").inc()
            case Refused():
                self._reached()
                self._refused(pending, outcome, now)
                metrics.attempts.labels(self.name, "refused").inc()
            case TryAgain():
                self._again(pending, outcome, now)
                metrics.attempts.labels(self.name, outcome.reason).inc()
            case _:
                assert_never(outcome)

    def _settle(
        self, pending: Pending, state: Settled, reference: str | None, answer: str | None = None
    ) -> None:
        self.queue.settle(pending)
        if pending.is_lost:
            return
        self.settled(
            pending.delivery,
            Settlement(
                id=pending.delivery.id,
                state=state,
                attempts=pending.attempts,
                answer=answer,
                reference=reference,
            ),
        )

    def _refused(self, pending: Pending, outcome: Refused, now: float) -> None:
        """Dead, unless it is a P0: that is never given up."""
        if not pending.is_refused:
            pending.is_refused = True
            self._say(Trouble.DELIVERY_REFUSED, f"{outcome.status} {outcome.detail}"[:300])
        if pending.priority is Priority.P0:
            self.queue.put_off(pending, now + breaker.REFUSED_P0_WAIT_S)
        else:
            self._settle(pending, Settled.DEAD, None, f"{outcome.status} {outcome.detail}"[:300])

    def _again(self, pending: Pending, outcome: TryAgain, now: float) -> None:
        wait_s = breaker.wait_s(pending.attempts, self.dice.uniform(0.8, 1.2))
        wait_s = (
            wait_s if outcome.after is None else breaker.capped(outcome.after, pending.priority)
        )
        is_refusing = outcome.reason is Reason.MISCONFIGURED
        is_cut = is_refusing or outcome.reason in _UNREACHABLE
        if not is_cut and self.breaker.success():
            # It answers: what ails one alarm must not hold up the others.
            self.queue.all_now()
        if self.queue.is_in_the_way(pending) and not self.breaker.is_open:
            self._settle(pending, Settled.DEAD, None, f"gave way: {outcome.detail}"[:300])
        else:
            self.queue.put_off(pending, now + wait_s)
        if is_cut and (self.breaker.is_open or not pending.is_picture):
            trouble = Trouble.REFUSING if is_refusing else Trouble.UNREACHABLE
            if self.breaker.failure(pending.delivery.id, now) or (
                self.breaker.is_open and trouble not in self.troubles
            ):
                self._say(trouble, f"{outcome.reason}: {outcome.detail}"[:300])
        elif outcome.reason is Reason.UNPROVEN:
            self._say(Trouble.UNPROVEN, outcome.detail)

    def _reached(self) -> None:
        """It answers: everything goes at once."""
        if self.breaker.success():
            self.queue.all_now()
        if self.troubles - {Trouble.DELIVERY_REFUSED}:
            log.info("receiver is back", receiver=self.name)
            self.voice(Trouble.REACHED, "")
        self.troubles.clear()
        metrics.receiver_state.labels(self.name).set(1)

    def _say(self, trouble: Trouble, why: str) -> None:
        if trouble in self.troubles:
            return
        self.troubles.add(trouble)
        log.warning("receiver in trouble", receiver=self.name, trouble=trouble, why=why)
        metrics.receiver_state.labels(self.name).set(0)
        self.voice(trouble, why)
