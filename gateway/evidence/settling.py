"""Settling: what became of stills, written beside their alarm, and told; an alarm at a time."""

import asyncio
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from gateway import metrics
from gateway.desk import Desk
from gateway.domain import stills
from gateway.domain.stills import Fate, Still
from gateway.store import alarms, commit, evidence
from gateway.store.database import Conflict, Urgency
from gateway.store.outbox import Delivery

TRIES = 3
AGAIN_S = 0.1
Settled = tuple[list[Still], list[Delivery]]


async def end(desk: Desk, ended: Sequence[Still]) -> None:
    """Write it down where it is still ours to say; the centre is told of what is kept.

    Raises:
        StoreError: some of it is not written.
    """
    by_alarm: dict[str, list[Still]] = {}
    for one in ended:
        by_alarm.setdefault(one.alarm, []).append(one)
    for alarm, some in by_alarm.items():
        settled, owed = await _written(desk, alarm, some)
        desk.owed(owed)
        _count(desk, settled)


async def _written(desk: Desk, alarm: str, ended: Sequence[Still]) -> Settled:
    for attempt in range(1, TRIES + 1):
        try:
            return await desk.database.write(partial(_settle, desk, alarm, ended), Urgency.EVENT)
        except Conflict:
            # A press on the same device came across; it went first, as it should.
            if attempt == TRIES:
                raise
            await asyncio.sleep(AGAIN_S * attempt)
    raise AssertionError("unreachable")


def _settle(desk: Desk, key: str, ended: Sequence[Still], connection: Connection) -> Settled:
    now = desk.clock.now()
    alarm = alarms.get(connection, key, hold=True)
    settled = evidence.settle(connection, desk.teller.gateway, ended, now)
    if alarm is None or not settled:
        return settled, []
    changed = stills.change(alarm, settled, now)
    return settled, commit.write(connection, changed, desk.teller, desk.context(connection, now))


def _count(desk: Desk, settled: Sequence[Still]) -> None:
    now = desk.clock.now()
    for one in settled:
        metrics.evidence.labels(one.fate if one.fate is Fate.KEPT else one.why).inc()
        if one.fate is Fate.KEPT and one.offset_s >= 0:
            metrics.evidence_seconds.observe(max(0.0, (now - one.due_at).total_seconds()))
