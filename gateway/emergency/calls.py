"""Calls: the notices of what is not stored, each to one receiver, until it is accepted or stored.

Beside the lines of forward, and without their breaker: nothing of this is in the outbox yet, and a
cry's first word waits for nobody.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from adapters.notice import Notice
from adapters.receivers.contract import (
    Accepted,
    Forwarder,
    Outcome,
    Reason,
    Refused,
    TryAgain,
)
from gateway import metrics
from gateway.clock import Clock
from gateway.domain import breaker
from gateway.domain.kind import Priority

RESULTS = ("accepted", "again", "refused", "stored_first", "no_room")
UNDER_WAY = 256
ROOM = 5000
"""Calls at a time; what finds no room is told when it is stored …"""
ROOM_FOR_DOUBT = 2500
"""… and so much of it may be taken by what is no P0."""
AGAIN_FIRST_S = 0.5
AGAIN_LONGEST_S = 2.0
SEND_TIMEOUT_S = 10.0
"""A forwarder answers within 5 s; this only guards against one that does not."""


@dataclass(slots=True, kw_only=True)
class Call:
    """One notice for one receiver."""

    receiver: str
    notice: Notice
    turn: int
    """The how-many-eth of its device: many voices go before one voice's many words."""
    attempts: int = 0
    due_at: float = 0.0
    is_flying: bool = False


@dataclass(slots=True, kw_only=True)
class Calls:
    """All that are not accepted yet."""

    forwarders: Mapping[str, Forwarder]
    with_backup: Collection[str]
    """The receivers that have a second address."""
    clock: Clock
    accepted: set[str] = field(default_factory=set)
    """The alarms that some receiver has."""
    _calls: dict[tuple[str, str], Call] = field(default_factory=dict)
    """By alarm and receiver, in the order they came."""
    _turns: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self._calls)

    def owe(self, receiver: str, notice: Notice, device: str) -> None:
        """Take one in hand, if there is room."""
        room = ROOM if notice.priority == Priority.P0 else ROOM_FOR_DOUBT
        if len(self._calls) >= room:
            metrics.emergency.labels("no_room").inc()
            return
        self._turns[device, receiver] += 1
        self._calls[notice.subject, receiver] = Call(
            receiver=receiver, notice=notice, turn=self._turns[device, receiver]
        )

    def send_due(self, group: asyncio.TaskGroup) -> None:
        """Send what is due, as many at a time as may be."""
        now = self.clock.monotonic()
        room = UNDER_WAY - sum(call.is_flying for call in self._calls.values())
        due = [call for call in self._calls.values() if not call.is_flying and call.due_at <= now]
        if len(due) > room:
            due = sorted(due, key=lambda call: (call.notice.priority, call.turn))[: max(room, 0)]
        for call in due:
            call.is_flying = True
            group.create_task(self._attempt(call), name=f"emergency to {call.receiver}")

    def keep(self, alarms: Collection[str]) -> None:
        """Let go of those whose alarm is stored: now they are owed in the ordinary way."""
        for key in [key for key in self._calls if key[0] not in alarms]:
            metrics.emergency.labels("stored_first").inc()
            del self._calls[key]
        self.accepted &= set(alarms)
        if not self._calls:
            self._turns.clear()

    def hurry(self) -> None:
        """Everything is due now, and nothing is under way."""
        for call in self._calls.values():
            call.is_flying, call.due_at = False, 0.0

    async def _attempt(self, call: Call) -> None:
        call.attempts += 1
        try:
            outcome = await self._send(call)
        finally:
            call.is_flying = False
        self._judge(call, outcome)

    async def _send(self, call: Call, *, backup: bool = False) -> Outcome:
        forwarder = self.forwarders[call.receiver]
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                outcome = await forwarder.send(call.notice, backup=backup)
        except TimeoutError:
            outcome = TryAgain(reason=Reason.TIMEOUT, detail="no answer")
        if isinstance(outcome, Refused) and not backup and call.receiver in self.with_backup:
            return await self._send(call, backup=True)
        return outcome

    def _judge(self, call: Call, outcome: Outcome) -> None:
        now = self.clock.monotonic()
        match outcome:
            case Accepted():
                metrics.emergency.labels("accepted").inc()
                self.accepted.add(call.notice.subject)
                self._calls.pop((call.notice.subject, call.receiver), None)
            case Refused():
                metrics.emergency.labels("refused").inc()
                call.due_at = now + breaker.REFUSED_P0_WAIT_S
            case TryAgain():
                metrics.emergency.labels("again").inc()
                wait_s = AGAIN_FIRST_S * call.attempts
                call.due_at = now + min(wait_s, AGAIN_LONGEST_S)
            case _:
                assert_never(outcome)
