"""What a technician does: open a test window, command a device, close the window again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.desk import Desk
from gateway.domain import telling
from gateway.domain.deed import Deed
from gateway.domain.errors import Alarmed, Foreign, Incomplete, NotYours, Unknown
from gateway.domain.operator import May, Operator
from gateway.domain.site import Registry, Site, SiteId
from gateway.domain.telling import Anchor, Teller
from gateway.domain.window import COMMANDED, EXPECTED, LONGEST, Window
from gateway.store import alarms, audit, changes, commands, commit, journal, windows
from gateway.store.changes import What
from gateway.store.database import Urgency
from gateway.store.outbox import Delivery

DEVICES_LIMIT = 200
EXPECTED_LIMIT = 100
AUDITED_DEVICES = 50
"""So many are named in the audit; the window itself names all."""
COMMAND_LASTS = timedelta(seconds=30)


async def open_window(
    desk: Desk,
    operator: Operator,
    devices: Sequence[str],
    minutes: int,
    expected: int = EXPECTED,
    reason: str = "",
) -> Window:
    """Say that those devices will be tested; the centre is told in the same transaction.

    Raises:
        Alarmed: a real P0 alarm is open at a site of theirs; whatever is pressed there is real.
    """
    _permit(operator)
    length = timedelta(minutes=minutes)
    if not timedelta(0) < length <= LONGEST:
        raise Incomplete("a test window lasts 1 to 60 minutes")
    if not 0 < len(devices) <= DEVICES_LIMIT or not 0 < expected <= EXPECTED_LIMIT:
        raise Incomplete(f"name 1 to {DEVICES_LIMIT} devices, and 1 to {EXPECTED_LIMIT} presses")
    sites = _owned(desk.registry(), devices, operator)
    district = _of_all(sites)
    now = desk.clock.now()
    window = Window(
        id=secrets.token_hex(16),
        expected=dict.fromkeys(devices, expected),
        heard={},
        opened_at=now,
        until=now + length,
        by=operator.name,
        reason=reason[:500],
    )

    deed = audit.by(
        operator,
        Deed.TEST_OPENED,
        window.id,
        {
            "devices": sorted(devices)[:AUDITED_DEVICES],
            "of": len(devices),
            "minutes": minutes,
            "expected": expected,
            "reason": window.reason,
        },
        district=district,
        gateway=desk.teller.gateway,
    )

    def transact(connection: Connection) -> list[Delivery]:
        _refuse_alarmed(connection, sites)
        windows.open_window(connection, window)
        audit.note(connection, deed, now)
        return _tell(connection, window, "opened", desk.teller, now)

    desk.owed(await desk.database.write(transact, Urgency.STEP))
    return window


async def close_window(desk: Desk, operator: Operator, window_id: str) -> Window:
    """End a test before its time; from here every press is real."""
    _permit(operator)

    def transact(connection: Connection) -> tuple[Window, list[Delivery]]:
        window = windows.get(connection, window_id)
        if window is None:
            raise Unknown("test window", window_id)
        district = _of_all(_owned(desk.registry(), list(window.expected), operator))
        if window.closed_at is not None:
            return window, []
        now, gateway = desk.clock.now(), desk.teller.gateway
        deed = audit.by(operator, Deed.TEST_CLOSED, window.id, district=district, gateway=gateway)
        audit.note(connection, deed, now)
        return end(connection, window, desk.teller, now)

    window, owed = await desk.database.write(transact, Urgency.STEP)
    desk.owed(owed)
    return window


def end(
    connection: Connection, window: Window, teller: Teller, now: datetime
) -> tuple[Window, list[Delivery]]:
    """Close a window, by a person or because its time is over, and tell the centre."""
    closed = replace(window, closed_at=now)
    windows.save(connection, closed)
    return closed, _tell(connection, closed, "closed", teller, now)


async def command(
    desk: Desk, operator: Operator, device: str, name: str, data: dict[str, Any]
) -> str:
    """Ask a device to do something; repeated until its reply. The command's id.

    A press within 30 s of our own command `test` is that test.

    Raises:
        Alarmed: it is `test`, and a real P0 alarm is open at the device's site.
    """
    _permit(operator)
    sites = _owned(desk.registry(), [device], operator)
    district = _of_all(sites)
    now = desk.clock.now()
    order = commands.new(device, name, data, now, COMMAND_LASTS)
    window = Window(
        id=order.id,
        expected={device: 1},
        heard={},
        opened_at=now,
        until=now + COMMANDED,
        by=operator.name,
        reason="command test",
    )

    deed = audit.by(
        operator,
        Deed.COMMAND,
        device,
        {"command": name, "id": order.id},
        district=district,
        gateway=desk.teller.gateway,
    )

    def transact(connection: Connection) -> list[Delivery]:
        if name == "test":
            _refuse_alarmed(connection, sites)
        commands.order(connection, [order])
        if name == "test":
            windows.open_window(connection, window)
        audit.note(connection, deed, now)
        if name != "test":
            return []
        return _tell(connection, window, "opened", desk.teller, now)

    desk.owed(await desk.database.write(transact, Urgency.STEP))
    desk.ordered([order])
    return order.id


async def outcome(desk: Desk, command_id: str) -> tuple[bool, str | None] | None:
    """What the device replied: ok, and its error; None: nothing yet."""

    def look(connection: Connection) -> tuple[bool, str | None] | None:
        row = commands.outcome(connection, command_id)
        return None if row is None or row.replied_at is None else (bool(row.ok), row.error)

    return await desk.database.read(look)


def _permit(operator: Operator) -> None:
    if not operator.may(May.TEST):
        raise NotYours(f"the role {operator.role} may not test")


def _owned(registry: Registry, devices: Sequence[str], operator: Operator) -> Mapping[SiteId, Site]:
    """The sites at which they hang."""
    sites = {}
    for device in devices:
        site = registry.place(device).site
        if site is None:
            raise Unknown("device", device)
        if not operator.sees(site.district):
            raise Foreign("device", device)
        sites[site.id] = site
    return sites


def _of_all(sites: Mapping[SiteId, Site]) -> str | None:
    """Their one district; None: they lie in several."""
    districts = {site.district for site in sites.values()}
    return districts.pop() if len(districts) == 1 else None


def _refuse_alarmed(connection: Connection, sites: Mapping[SiteId, Site]) -> None:
    """Only looks, and holds no row: a press goes first. One that comes later is after us."""
    if (found := alarms.real_p0(connection, sites)) is not None:
        alarm, site = found
        raise Alarmed(alarm, sites[SiteId(site)])


def _tell(
    connection: Connection, window: Window, what: str, teller: Teller, now: datetime
) -> list[Delivery]:
    head = journal.head(connection, teller.gateway, Lane.ALARM)
    anchor = Anchor(gateway=teller.gateway, number=head.number, hash=head.hash)
    data = {
        "test": {
            "id": window.id,
            "devices": sorted(window.expected),
            "expected": dict(window.expected),
            "heard": dict(window.heard),
            "until": telling.time_text(window.until),
            "reason": window.reason,
        },
        "operator": window.by,
        "journal": telling.anchor_content(anchor),
    }
    event = telling.envelope(
        telling.key(window.id, 1 if what == "opened" else 2),
        source="/dabyl/tests",
        subject=window.id,
        type_=f"dabyl.test.{what}",
        at=now,
        data=data,
        schema="test",
    )
    everyone = [receiver.name for receiver in teller.receivers]
    owed = commit.tell(connection, event, everyone, teller, now)
    changes.note(connection, [(What.TEST, window.id)], now)
    return owed
