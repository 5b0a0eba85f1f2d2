"""How long a report's figures take on a million alarms: `python -m tests.bench.counting`.

On a new SQLite file, or with `--url postgresql://…` on an empty database. The alarms lie over a
year (`--days`), so that a month of them is a twelfth; `--days 30` is the worst month of all.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text

from gateway.domain.period import Period
from gateway.store import figures, handled, migrate, schema, shifts
from gateway.store.database import Database, Urgency, open_database

NOW = datetime(2026, 11, 26, tzinfo=UTC)
BATCH = 20_000
TIMES = 5
Row = dict[str, Any]
_KINDS = ("panic.pressed", "tamper.opened", "device.silent")


def main() -> None:
    """Fill a database, and print a table of medians."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--alarms", type=int, default=1_000_000)
    reader.add_argument("--days", type=int, default=365)
    reader.add_argument("--url")
    given = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'counting.db'}"
        migrate.prepare(url)
        asyncio.run(_measured(url, given.alarms, timedelta(days=given.days)))


async def _measured(url: str, alarms: int, over: timedelta) -> None:
    database = open_database(url)
    await _fill(database, alarms, over)
    print(f"{alarms:,} alarms over {over.days} days, {database.dialect}, median of {TIMES}, ms")
    nobody: frozenset[str] = frozenset()
    for name, days in (("day", 1), ("week", 7), ("month", 30)):
        period = Period(since=NOW - timedelta(days=days), until=NOW)
        for districts in (nobody, frozenset({"district-3"})):
            took = {
                "raised": await _median(database, figures.raised, period, districts),
                "taken": await _median(database, figures.taken, period, districts),
                "false": await _median(database, figures.false_alarms, period, districts),
                "silences": await _median(database, figures.silences, period, districts),
                "handled": await _median(database, handled.within, period, districts, 200),
                "shifts": await _median(database, shifts.within, period),
            }
            whose = "one district" if districts else "all districts"
            print(f"| {name}, {whose} | " + " | ".join(f"{ms:.0f}" for ms in took.values()) + " |")
    await database.close()


async def _median(database: Database, work: Callable[..., object], *asked: object) -> float:
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await database.read(lambda c: work(c, *asked))
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)[TIMES // 2]


async def _fill(database: Database, alarms: int, over: timedelta) -> None:
    dice = random.Random(12)  # the same alarms each time
    for first in range(0, alarms, BATCH):
        numbers = range(first, min(first + BATCH, alarms))
        rows = [_alarm(dice, n, NOW - over * (1 - n / alarms)) for n in numbers]
        lines = [line for row in rows for line in _lines(dice, row)]
        await database.write(partial(_put, rows, lines), Urgency.BULK)
    if database.dialect == "postgresql":
        await database.write(lambda c: c.execute(text("ANALYZE")), Urgency.BULK)


def _put(rows: list[Row], lines: list[Row], connection: Connection) -> None:
    connection.execute(insert(schema.alarms), rows)
    connection.execute(insert(schema.transitions), lines)


def _alarm(dice: random.Random, number: int, at: datetime) -> Row:
    """A tenth are presses, a tenth security; the rest is what falls silent and comes back."""
    priority = dice.choices((0, 1, 2), (1, 1, 8))[0]
    site = dice.randrange(989)
    shown = {
        "id": f"{number:032x}",
        "kind": _KINDS[priority],
        "priority": priority,
        "state": "NORMAL",
        "site": f"school-{site}",
        "district": f"district-{site % 20}",
        "zone": "hall",
        "device": f"device-{site}-{dice.randrange(16)}",
        "event_id": f"{number:026d}",
        "disposition": dice.choice(("false", "confirmed", "test")) if priority < 2 else None,
        "closed_at": at + timedelta(seconds=dice.expovariate(1 / 900)),
    }
    return {**_PLAIN, **shown, **dict.fromkeys(("raised_at", "last_at", "pressed_at"), at)}


def _lines(dice: random.Random, row: Row) -> Iterator[Row]:
    """How it was raised; of what somebody must take, how it was taken and closed."""
    at = row["raised_at"]
    steps = [("raise", 0.0)]
    if row["priority"] < 2:
        steps += [("claim", dice.lognormvariate(2.8, 0.6)), ("close", 300.0)]
    else:
        steps += [("return", 900.0)]
    for what, after in steps:
        moment = at + timedelta(seconds=after)
        yield {"alarm": row["id"], "what": what, "at": moment, **_LINE}


_PLAIN: Row = {
    **dict.fromkeys(("silent", "latches", "test", "said_test", "unexpected", "id_reused"), False),
    **dict.fromkeys(("count", "part", "version", "notices"), 1),
    "registered": True,
    "pressed_quality": "synced",
    "repeats_singly": 0,
    "repeats_owed": "[]",
}
_LINE: Row = {"before": "NORMAL", "after": "NORMAL", "by": "aigerim", "note": None, "data": "{}"}


if __name__ == "__main__":
    main()
