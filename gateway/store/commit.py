"""What every transaction that changes alarms writes: alarms, time lines, deliveries, positions."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from gateway.domain import telling
from gateway.domain.decision import Change
from gateway.domain.kind import Priority
from gateway.domain.occupancy import Quality
from gateway.domain.telling import Context, Inside, Teller
from gateway.store import alarms, changes, occupancies, outbox
from gateway.store.changes import What
from gateway.store.holding import HELD
from gateway.store.outbox import Delivery


class _Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver is to be told, before it has its place in that receiver's sequence."""

    receiver: str
    event: dict[str, Any]
    priority: int
    change: Change | None = None


def write(
    connection: Connection, changed: Sequence[Change], teller: Teller, context: Context
) -> list[Delivery]:
    """Write all of it; the deliveries born claimed by this gateway, to be sent after the commit."""
    if not changed:
        return []
    numbered = _numbered(changed)
    alarms.save(connection, numbered)
    owed = _owe(connection, _notices(connection, numbered, teller, context), teller, context.now)
    moved = [(What.ALARM, change.alarm.id) for change in numbered]
    changes.note(connection, moved, context.now)
    return owed


def tell(
    connection: Connection,
    event: dict[str, Any],
    receivers: Sequence[str],
    teller: Teller,
    now: datetime,
) -> list[Delivery]:
    """Owe every one of those receivers a notice that belongs to no alarm (a test window)."""
    notices = [
        _Notice(receiver=receiver, event=event, priority=int(Priority.P1)) for receiver in receivers
    ]
    return _owe(connection, notices, teller, now)


def _numbered(changed: Sequence[Change]) -> list[Change]:
    """Each notice takes its alarm's next number; later changes of one alarm carry the count on."""
    counts: dict[str, int] = {}
    numbered = []
    for change in changed:
        alarm = change.alarm
        count = counts.get(alarm.id, alarm.notices) + (change.notice is not None)
        counts[alarm.id] = count
        if count != alarm.notices:
            numbered.append(replace(change, alarm=replace(alarm, notices=count)))
        else:
            numbered.append(change)
    return numbered


def _notices(
    connection: Connection, changed: Sequence[Change], teller: Teller, context: Context
) -> list[_Notice]:
    told = [
        (change, receivers)
        for change in changed
        if change.notice is not None and (receivers := teller.told_of(change))
    ]
    insides = _insides(connection, {change.alarm.site for change, _ in told}, context)
    notices = []
    for change, receivers in told:
        alarm = change.alarm
        inside = None if alarm.site is None else insides.get(alarm.site)
        event = telling.content(change, alarm.notices, teller, context, inside)
        notices += [
            _Notice(receiver=receiver, event=event, priority=int(alarm.priority), change=change)
            for receiver in receivers
        ]
    return notices


def _insides(connection: Connection, sites: set[str | None], context: Context) -> dict[str, Inside]:
    """How many people are inside those sites, read at once."""
    asked = sorted(site for site in sites if site is not None)
    if not asked:
        return {}
    known = dict(context.counts)
    if unasked := [site for site in asked if site not in known]:
        known |= occupancies.of_sites(connection, unasked)
    found = {}
    for site in asked:
        count = known.get(site)
        if count is None:
            continue
        quality = count.quality(silent_turnstile=context.drifting(site))
        inside = 0 if quality is Quality.NOT_COUNTED else count.inside
        found[site] = Inside(inside=inside, as_of=count.as_of, quality=quality)
    return found


def _owe(
    connection: Connection, notices: Sequence[_Notice], teller: Teller, now: datetime
) -> list[Delivery]:
    """Write them; those that this gateway sends itself."""
    if not notices:
        return []
    counts = Counter(notice.receiver for notice in notices)
    elsewhere = _elsewhere(connection, notices, teller)
    before, ids = outbox.make_room(connection, teller.gateway, counts)
    owed = []
    for notice, number in zip(notices, ids, strict=True):
        before[notice.receiver] += 1
        is_ours = teller.sent_by_us and (_subject(notice), notice.receiver) not in elsewhere
        place = (number, before[notice.receiver])
        owed.append(_delivery(notice, place, teller, now, is_ours=is_ours))
    outbox.owe(connection, owed)
    return [delivery for delivery in owed if delivery.claimed_by == teller.gateway]


def _elsewhere(
    connection: Connection, notices: Sequence[_Notice], teller: Teller
) -> set[tuple[str, str]]:
    """(alarm, receiver) with something earlier that is not ours to send: the later one waits."""
    later = {
        notice.change.alarm.id
        for notice in notices
        if notice.change is not None and notice.change.alarm.notices > 1
    }
    if not later or not teller.sent_by_us:
        return set()
    return outbox.held_elsewhere(connection, teller.gateway, later)


def _subject(notice: _Notice) -> str:
    return "" if notice.change is None else notice.change.alarm.id


def _delivery(
    notice: _Notice, place: tuple[int, int], teller: Teller, now: datetime, *, is_ours: bool
) -> Delivery:
    number, sequence = place
    alarm = None if notice.change is None else notice.change.alarm
    return Delivery(
        id=number,
        key=notice.event["id"],
        receiver=notice.receiver,
        alarm=None if alarm is None else alarm.id,
        number=0 if alarm is None else alarm.notices,
        gateway=teller.gateway,
        sequence=sequence,
        type=notice.event["type"],
        priority=notice.priority,
        device="" if alarm is None else alarm.device,
        body=telling.frozen(notice.event, notice.receiver, teller.gateway, sequence),
        claimed_by=teller.gateway if is_ours else None,
        claimed_until=now + HELD if is_ours else None,
        created_at=now,
    )
