"""Holding: to claim, take over or reopen an alarm, keep it by signs of life, agree to its end."""

from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import reopening, steps
from gateway.domain.alarm import Alarm, Step
from gateway.domain.decision import Change
from gateway.domain.operator import May, Operator
from gateway.operate import step
from gateway.store import deliveries, dues
from gateway.store.database import Urgency


async def claim(desk: Desk, operator: Operator, alarm: str, *, has_stream: bool = False) -> Alarm:
    """Take it; machines cannot. Of who `has_stream` open there will be signs of life soon.

    Raises:
        Claimed: another holds it. Refusal: see domain.errors.
    """
    step.permit(operator, May.CLAIM)
    lasts = _lasts(has_stream=has_stream)
    return await step.take(
        desk, operator, alarm, lambda _, a, now: steps.claim(a, operator, now, lasts)
    )


async def take_over(
    desk: Desk, operator: Operator, alarm: str, version: int, *, has_stream: bool = False
) -> Alarm:
    """Hold it in the place of whoever holds it."""
    step.permit(operator, May.TAKE_OVER)
    lasts = _lasts(has_stream=has_stream)
    edit = step.versioned(
        version, "take_over", operator, lambda a, now: steps.take_over(a, operator, now, lasts)
    )
    return await step.take(desk, operator, alarm, edit)


async def reopen(
    desk: Desk,
    operator: Operator,
    alarm: str,
    version: int,
    reason: str,
    *,
    has_stream: bool = False,
) -> Alarm:
    """Take its closing back and hold it; whoever was called about it hears of it too."""
    step.permit(operator, May.REOPEN)
    lasts, called = _lasts(has_stream=has_stream), desk.teller.called

    def reopened(before: Alarm, now: datetime) -> Change:
        by = step.said_by(operator, now, reason)
        return reopening.reopen(before, operator, by, lasts)

    checked = step.versioned(version, Step.REOPEN, operator, reopened)

    def edit(connection: Connection, before: Alarm, now: datetime) -> Change | None:
        change = checked(connection, before, now)
        if change is None or called is None:
            return change
        was_called = deliveries.was_told(connection, called, before.id)
        return replace(change, was_escalated=was_called)

    return await step.take(desk, operator, alarm, edit)


async def agree(desk: Desk, operator: Operator, alarm: str, version: int) -> Alarm:
    """Who holds it agrees to the centre's closing."""
    step.permit(operator, May.STEP)
    edit = step.versioned(
        version, Step.CLOSE, operator, lambda a, now: steps.agree(a, step.said_by(operator, now))
    )
    return await step.take(desk, operator, alarm, edit)


async def signs_of_life(
    desk: Desk, here: Collection[str], left: Collection[str] = frozenset()
) -> None:
    """Who has a page open keeps what they hold; for who has just `left` the time runs."""
    for names, lasts in ((here, _lasts(has_stream=True)), (left, steps.LINGERS)):
        if names:
            await _extend(desk, names, lasts)


async def _extend(desk: Desk, names: Collection[str], lasts: timedelta) -> None:
    is_any: bool = await desk.database.read(lambda c: dues.anything_held(c, names))
    if is_any:
        until = desk.clock.now() + lasts
        await desk.database.write(lambda c: dues.extend_claims(c, names, until), Urgency.STEP)


def _lasts(*, has_stream: bool) -> timedelta:
    return steps.LINGERS + steps.SIGN if has_stream else steps.CLAIM_LASTS
