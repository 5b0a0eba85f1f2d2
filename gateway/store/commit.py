"""What every transaction that changes alarms writes: alarms, time lines, deliveries, positions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.domain import telling
from gateway.domain.decision import Change
from gateway.domain.kind import Priority
from gateway.domain.occupancy import Quality
from gateway.domain.telling import Context, Inside, Teller
from gateway.store import alarms, changes, occupancies, outbox
from gateway.store.changes import What
from gateway.store.outbox import Delivery

CLAIM = {Priority.P0: timedelta(seconds=6)}
LONGER_CLAIM = timedelta(seconds=15)


def write(
    connection: Connection, changed: Sequence[Change], teller: Teller, context: Context
) -> list[Delivery]:
    """Write all of it; the deliveries born claimed by this gateway, to be sent after the commit."""
    if not changed:
        return []
    numbered = _numbered(changed)
    alarms.save(connection, numbered)
    owed = _owe(connection, _pending(numbered, teller, context), teller, context.now)
    moved = [(What.ALARM, change.alarm.id) for change in numbered]
    changes.note(connection, moved, context.now)
    return owed


def tell(
    connection: Connection,
    event: dict[str, object],
    receivers: Sequence[str],
    teller: Teller,
    now: datetime,
) -> list[Delivery]:
    """Owe every one of those receivers a notice that belongs to no alarm (a test window)."""
    pending = [
        (event, _delivery(event, receiver, teller, now, priority=Priority.P1))
        for receiver in receivers
    ]
    return _owe(connection, pending, teller, now)


def insides(
    connection: Connection, drifting: Callable[[str], bool]
) -> Callable[[str], Inside | None]:
    """Looks up how many are inside a site, when a notice asks."""

    def inside(site: str) -> Inside | None:
        count = occupancies.of_sites(connection, [site]).get(site)
        if count is None:
            return None
        quality = count.quality(silent_turnstile=drifting(site))
        inside = 0 if quality is Quality.NOT_COUNTED else count.inside
        return Inside(inside=inside, as_of=count.as_of, quality=quality)

    return inside


_Pending = tuple[dict[str, object], Delivery]


def _numbered(changed: Sequence[Change]) -> list[Change]:
    """Each notice takes its alarm's next number; later changes of one alarm carry the count on."""
    counts: dict[str, int] = {}
    numbered = []
    for change in changed:
        alarm = change.alarm
        count = counts.get(alarm.id, alarm.notices) + (change.notice is not None)
        counts[alarm.id] = count
        numbered.append(replace(change, alarm=replace(alarm, notices=count)))
    return numbered


def _owe(
    connection: Connection, pending: Sequence[_Pending], teller: Teller, now: datetime
) -> list[Delivery]:
    """Write them; those that this gateway sends itself."""
    if not pending:
        return []
    sequenced = _sequenced(connection, pending, teller)
    owed = outbox.owe(connection, _claimed(connection, sequenced, teller, now))
    return [delivery for delivery in owed if delivery.claimed_by == teller.gateway]


def _pending(changed: Sequence[Change], teller: Teller, context: Context) -> list[_Pending]:
    pending: list[_Pending] = []
    for change in changed:
        receivers = teller.told(change.alarm) if change.notice is not None else []
        if not receivers:
            continue
        event = telling.content(change, change.alarm.notices, teller, context)
        pending += [
            (event, _delivery(event, receiver, teller, context.now, change=change))
            for receiver in receivers
        ]
    return pending


def _delivery(
    event: dict[str, object],
    receiver: str,
    teller: Teller,
    now: datetime,
    *,
    change: Change | None = None,
    priority: Priority = Priority.P1,
) -> Delivery:
    alarm = None if change is None else change.alarm
    return Delivery(
        key=str(event["id"]),
        receiver=receiver,
        alarm=None if alarm is None else alarm.id,
        number=0 if alarm is None else alarm.notices,
        gateway=teller.gateway,
        sequence=0,
        type=str(event["type"]),
        priority=int(priority if alarm is None else alarm.priority),
        device="" if alarm is None else alarm.device,
        body=b"",
        created_at=now,
    )


def _sequenced(
    connection: Connection, pending: Sequence[_Pending], teller: Teller
) -> list[Delivery]:
    counts: dict[str, int] = {}
    for _, delivery in pending:
        counts[delivery.receiver] = counts.get(delivery.receiver, 0) + 1
    last = outbox.next_sequences(connection, teller.gateway, counts)
    sequenced = []
    for event, delivery in pending:
        receiver = delivery.receiver
        last[receiver] += 1
        body = telling.frozen(event, receiver, teller.gateway, last[receiver])
        sequenced.append(replace(delivery, sequence=last[receiver], body=body))
    return sequenced


def _claimed(
    connection: Connection, owed: Sequence[Delivery], teller: Teller, now: datetime
) -> list[Delivery]:
    """Born claimed by us, unless something earlier of its alarm is not ours to send."""
    if not teller.sent_by_us:
        return list(owed)
    later = {delivery.alarm for delivery in owed if delivery.alarm and delivery.number > 1}
    elsewhere = outbox.held_elsewhere(connection, teller.gateway, later) if later else set()
    return [
        delivery
        if (delivery.alarm, delivery.receiver) in elsewhere
        else replace(
            delivery,
            claimed_by=teller.gateway,
            claimed_until=now + CLAIM.get(Priority(delivery.priority), LONGER_CLAIM),
        )
        for delivery in owed
    ]
