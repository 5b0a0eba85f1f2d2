"""Reopening: a closing is taken back, and whoever takes it back holds the alarm. Pure."""

from datetime import timedelta

from msgspec.structs import replace

from gateway.domain import steps
from gateway.domain.alarm import Alarm, Step, move
from gateway.domain.decision import Change
from gateway.domain.errors import Incomplete, NotYours, StaysClosed, StepRefused, WhyClosed
from gateway.domain.operator import Operator
from gateway.domain.steps import By

WITHIN = timedelta(hours=24)
"""So long after its end: the shift that closed it, and those that read of it that day (0110)."""


def reopen(before: Alarm, operator: Operator, by: By, lasts: timedelta) -> Change:
    """Open again and held: how it had ended stays in its time line, and nowhere else.

    The hold `lasts` so long without a sign of the person. A test comes back as a test.
    """
    if not operator.is_person:
        raise NotYours("machines cannot reopen")
    if not (by.note or "").strip():
        raise Incomplete("reopening needs a reason")
    if before.closed_at is None:
        raise StepRefused(before.id, Step.REOPEN, before.state)
    if before.disposition is None:
        raise StaysClosed(before.id, before.state, WhyClosed.BY_ITSELF)
    if by.now - before.closed_at > WITHIN:
        raise StaysClosed(before.id, before.state, WhyClosed.TOO_LATE)
    after = replace(
        move(before, Step.REOPEN),
        disposition=None,
        closed_at=None,
        # Nobody has answered for it since: the ladder begins anew, with a claim of now.
        asks_since=by.now,
        escalation=0,
        responded=None,
        claimed_by=operator.name,
        claimed_at=by.now,
        acknowledged_at=by.now,
        claimed_until=by.now + lasts,
        version=before.version + 1,
    )
    was = By(name=by.name, now=by.now, note=by.note, data={"was": before.disposition})
    return steps.change(before, after, Step.REOPEN, was, notice="reopened")
