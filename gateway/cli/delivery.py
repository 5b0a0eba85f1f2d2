"""`dabyl delivery`: what is owed to receivers, and a dead letter sent again."""

from zoneinfo import ZoneInfo

import click

from gateway import operate
from gateway.cli import opened, printed, staffed
from gateway.cli.grouped import Grouped
from gateway.store import deliveries
from gateway.store.database import Database
from gateway.store.outbox import Delivery


@click.group(cls=Grouped)
def delivery() -> None:
    """What is owed to receivers."""


@delivery.command("list")
@click.option("--state", type=click.Choice(["waiting", "done", "dead"]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 5000), default=100, show_default=True)
@printed.as_json
def list_(state: str | None, limit: int, *, as_json: bool) -> None:
    """Deliveries, the newest first; a dead one was refused and can be sent again."""
    settings = opened.settings()

    async def work(database: Database) -> list[Delivery]:
        return await database.read(lambda c: deliveries.listed(c, state, limit, None))

    zone = ZoneInfo(settings.time_zone)
    rows = [
        {
            "id": one.id,
            "receiver": one.receiver,
            "type": one.type,
            "priority": one.priority if as_json else f"P{one.priority}",
            "alarm": one.alarm if as_json or one.alarm is None else one.alarm[:12],
            "state": one.state,
            "attempts": one.attempts,
            "created_at": printed.utc(one.created_at)
            if as_json
            else printed.time(one.created_at, zone),
            "settled_at": printed.utc(one.settled_at)
            if as_json
            else printed.time(one.settled_at, zone),
            "answer": one.answer if as_json else (one.answer or "")[:60],
            "reference": one.reference,
        }
        for one in opened.run(settings, work)
    ]
    printed.listing(rows, as_json=as_json, empty="no deliveries")


@delivery.command
@click.argument("delivery_id", metavar="DELIVERY", type=int)
def resend(delivery_id: int) -> None:
    """Send a dead letter again; mend the reason for its refusal first."""
    settings = opened.settings()

    async def work(database: Database) -> None:
        desk = await staffed.desk(settings, database)
        await operate.resend(desk, staffed.operator(), delivery_id)

    opened.run(settings, work)
    click.echo(f"delivery {delivery_id} waits again; the gateway sends it")
