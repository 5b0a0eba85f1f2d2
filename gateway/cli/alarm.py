"""`dabyl alarm`: alarms, straight from the database: list, show, claim, close, reopen."""

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

import click

from gateway import operate
from gateway.cli import opened, printed, staffed
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.domain.alarm import Alarm, Disposition
from gateway.domain.decision import Transition
from gateway.domain.errors import Unknown
from gateway.domain.kind import Priority
from gateway.settings import Settings
from gateway.store import alarms, deliveries
from gateway.store.alarms import Filter
from gateway.store.database import Database
from gateway.store.outbox import Delivery

SHORT = 12
"""So much of an id is shown, and so little must be typed as is still one alarm's alone."""
SHORTEST = 4
SEARCHED = 2000

_id = click.argument("alarm_id", metavar="ALARM")


@click.group(cls=Grouped)
def alarm() -> None:
    """Alarms: see them, take one, end one, or take its end back. An id may be cut short."""


@alarm.command("list")
@click.option("--all", "is_all", is_flag=True, help="Closed ones too.")
@click.option("--priority", type=click.IntRange(0, 3), help="Only P0, P1, P2 or P3.")
@click.option("--site", "site_id", metavar="SITE", help="Only of this site.")
@click.option("--limit", type=click.IntRange(1, 5000), default=100, show_default=True)
@printed.as_json
def list_(
    site_id: str | None, priority: int | None, limit: int, *, is_all: bool, as_json: bool
) -> None:
    """Open alarms, the newest first."""
    settings = opened.settings()
    wanted = Filter(
        is_open=None if is_all else True,
        priority=None if priority is None else Priority(priority),
        site=site_id,
    )

    async def work(database: Database) -> list[Alarm]:
        return await database.read(lambda c: alarms.listed(c, wanted, limit, None))

    found = opened.run(settings, work)
    zone = ZoneInfo(settings.time_zone)
    rows = [_content(one) if as_json else _row(one, zone) for one in found]
    printed.listing(rows, as_json=as_json, empty="no alarms" if is_all else "no open alarms")


@alarm.command
@_id
@printed.as_json
def show(alarm_id: str, *, as_json: bool) -> None:
    """One alarm: its time line, and who was told."""
    settings = opened.settings()

    async def work(database: Database) -> tuple[Alarm, list[Transition], list[Delivery]]:
        found = await _found(database, alarm_id)
        lines = await database.read(lambda c: alarms.time_line(c, found.id))
        told = await database.read(lambda c: deliveries.of_alarm(c, found.id))
        return found, lines, told

    one, lines, told = opened.run(settings, work)
    zone = ZoneInfo(settings.time_zone)
    time_line = [
        {
            "at": printed.utc(line.at) if as_json else printed.time(line.at, zone),
            "what": line.what,
            "state": line.after.value,
            "by": line.by,
            "note": line.note,
        }
        for line in lines
    ]
    notices = [
        {
            "id": row.id,
            "receiver": row.receiver,
            "type": row.type,
            "state": row.state,
            "attempts": row.attempts,
            "answer": row.answer,
            "reference": row.reference,
        }
        for row in told
    ]
    if as_json:
        printed.json(_content(one) | {"transitions": time_line, "deliveries": notices})
        return
    printed.fields(_in_words(one, zone))
    click.echo()
    printed.table(time_line)
    click.echo()
    printed.listing(notices, as_json=False, empty="nobody had to be told")


@alarm.command
@_id
def claim(alarm_id: str) -> None:
    """Take ALARM: it is yours, and seen."""
    settings = opened.settings()

    async def work(database: Database) -> Alarm:
        found = await _found(database, alarm_id)
        return await operate.claim(
            await staffed.desk(settings, database), staffed.operator(), found.id
        )

    taken = opened.run(settings, work)
    click.echo(f"{taken.id[:SHORT]} {taken.kind} is taken by {taken.claimed_by}: {taken.state}")


@alarm.command
@_id
@click.option(
    "--disposition",
    type=click.Choice([one.value for one in Disposition]),
    required=True,
    help="How it ended.",
)
@click.option("--note", help="A word for those who read it later.")
def close(alarm_id: str, disposition: str, note: str | None) -> None:
    """End ALARM, and say how it ended."""
    settings = opened.settings()
    closed = opened.run(
        settings,
        lambda database: _closed(settings, database, alarm_id, Disposition(disposition), note),
    )
    click.echo(f"{closed.id[:SHORT]} {closed.kind} is closed: {closed.disposition}")


@alarm.command
@_id
@click.option("--reason", required=True, help="Why it was not to be closed.")
def reopen(alarm_id: str, reason: str) -> None:
    """Take the closing of ALARM back, within 24 hours: it is open again, and yours."""
    settings = opened.settings()

    async def work(database: Database) -> Alarm:
        found = await _found(database, alarm_id)
        desk = await staffed.desk(settings, database)
        return await operate.reopen(desk, staffed.operator(), found.id, found.version, reason)

    again = opened.run(settings, work)
    click.echo(f"{again.id[:SHORT]} {again.kind} is open again, and taken by {again.claimed_by}")


async def _closed(
    settings: Settings,
    database: Database,
    alarm_id: str,
    disposition: Disposition,
    note: str | None,
) -> Alarm:
    found = await _found(database, alarm_id)
    desk = await staffed.desk(settings, database)
    return await operate.close(desk, staffed.operator(), found.id, found.version, disposition, note)


async def _found(database: Database, alarm_id: str) -> Alarm:
    """The alarm of that id, or the only one among the newest that begins so."""
    exact = await database.read(lambda c: alarms.get(c, alarm_id))
    if exact is not None:
        return exact
    if len(alarm_id) < SHORTEST:
        raise NotDone(f"{alarm_id!r} is too short: give at least {SHORTEST} signs of the id")
    newest = await database.read(lambda c: alarms.listed(c, Filter(), SEARCHED, None))
    fitting = [one for one in newest if one.id.startswith(alarm_id.lower())]
    if len(fitting) > 1:
        raise NotDone(f"{len(fitting)} alarms begin with {alarm_id!r}: give more of the id")
    if not fitting:
        raise Unknown("alarm", alarm_id)
    return fitting[0]


def _row(one: Alarm, zone: ZoneInfo) -> dict[str, Any]:
    marks = [("TEST", one.test), ("said test", one.said_test and not one.test)]
    marks += [(_concerned(one) or "", one.affected is not None)]
    marks += [("unregistered", not one.registered), (str(one.hidden), one.hidden is not None)]
    return {
        "id": one.id[:SHORT],
        "priority": f"P{int(one.priority)}",
        "kind": one.kind,
        "state": one.state.value if one.closed_at is None else f"closed {one.disposition or ''}",
        "site": one.site,
        "zone": one.zone,
        "device": one.device,
        "count": one.count,
        "raised": printed.time(one.raised_at, zone),
        "taken_by": one.claimed_by,
        "marks": [word for word, is_so in marks if is_so],
    }


def _concerned(one: Alarm) -> str | None:
    """How many hang behind one trouble that stands for all."""
    many = one.affected
    return None if many is None else f"{many.devices} of {many.of_devices} devices"


def _in_words(one: Alarm, zone: ZoneInfo) -> dict[str, Any]:
    """What is set of an alarm, its times by the clock on the wall."""
    moments = {
        name: printed.time(getattr(one, name), zone)
        for name in ("raised_at", "last_at", "pressed_at", "claimed_until", "closed_at")
    }
    content = _content(one) | moments | {"affected": _concerned(one)}
    return {name: value for name, value in content.items() if value not in (None, "", False)}


def _content(one: Alarm) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "priority": int(one.priority),
        "state": one.state.value,
        "hidden": one.hidden,
        "silent": one.silent,
        "test": one.test,
        "said_test": one.said_test,
        "registered": one.registered,
        "count": one.count,
        "affected": None if one.affected is None else asdict(one.affected),
        "site": one.site,
        "zone": one.zone,
        "device": one.device,
        "part": one.part,
        "raised_at": printed.utc(one.raised_at),
        "last_at": printed.utc(one.last_at),
        "pressed_at": printed.utc(one.pressed_at),
        "claimed_by": one.claimed_by,
        "claimed_until": printed.utc(one.claimed_until),
        "disposition": one.disposition,
        "closed_at": printed.utc(one.closed_at),
        "note": one.note,
        "version": one.version,
    }
