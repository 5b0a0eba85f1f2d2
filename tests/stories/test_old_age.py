"""Old age: what is old is put away and dropped beside the presses, through any number of kills."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from adapters.signal import Lane
from gateway import verify
from gateway.store import journal, outbox, sealed
from gateway.store.database import Urgency, open_database
from gateway.store.journal import Head
from gateway.store.signing import Signer
from gateway.store.walk import Fault
from gateway.verify import Trust, Walked
from tests.domain.making import event
from tests.harness import waiting
from tests.harness.changed import replace
from tests.store.making import owed
from tests.stories import town as towns
from tests.stories.town import Town

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
TOO_OLD, OLD, DONE = 1000, 500, 300


def _years(connection: Connection) -> None:
    """Passages that are too old, passages that are only old, and deliveries long done."""
    now, head = datetime.now(UTC), Head()
    for first, count, days in ((0, TOO_OLD, 40), (TOO_OLD, OLD, 3)):
        for at in range(first, first + count, 500):
            heard = [
                event("passage.granted", f"gate-{n % 9}", id=f"p{n}", at=now - timedelta(days=days))
                for n in range(at, at + 500)
            ]
            head = journal.append(connection, "g1", Lane.EVENT, heard, head)
    room = outbox.make_room(connection, "g1", {"centre": DONE})
    settled: dict[str, Any] = {
        "state": "done",
        "created_at": now - timedelta(hours=3),
        "priority": 1,
    }
    rows = [
        replace(owed(n + 1, **settled), id=number, sequence=n + 1, settled_at=settled["created_at"])
        for n, number in enumerate(room.ids)
    ]
    outbox.owe(connection, rows)


def _held(connection: Connection) -> None:
    """As a backup, or a person in a console, may hold the table."""
    connection.execute(text("LOCK TABLE journal_event IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text("SELECT pg_sleep(3)"))


async def _grown_old(town: Town) -> None:
    database = open_database(town.database)
    try:
        await database.write(_years, Urgency.BULK)
    finally:
        await database.close()


async def _put_away(town: Town) -> bool:
    """Whether nothing is left to be put away or dropped."""
    asked = "SELECT (SELECT count(*) FROM deliveries_done), (SELECT max(number) FROM checkpoints)"
    (row,) = await town.rows(asked)
    return tuple(row) == (DONE, TOO_OLD)


async def _verified(town: Town) -> Walked:
    """The chain of the passages; nothing is wrong with any."""
    key = Signer(sealed.key_from(town.dabyl.folder / "sign.key")).public
    database = open_database(town.database)
    try:
        steps = [one async for one in verify.every_chain(database, Trust(keys={key}))]
    finally:
        await database.close()
    walked = {one.lane: one for one in steps if isinstance(one, Walked)}
    assert not [one for one in steps if isinstance(one, Fault)]
    return walked[Lane.EVENT]


@pytest.mark.serial
async def test_a_gateway_killed_while_it_puts_away_loses_and_doubles_nothing(
    tmp_path: Path, database: str
) -> None:
    dice = random.Random(5)
    async with towns.opened(tmp_path, database=database, started=False) as town:
        await _grown_old(town)
        for number in range(4):
            await town.dabyl.start()
            await town.devices.press(f"button-{number + 1}")
            await asyncio.sleep(dice.uniform(0.0, 0.4))  # the moment of the kill: anything goes
            await town.dabyl.kill()
            await _verified(town)
        await town.dabyl.start()
        await waiting.until(lambda: _put_away(town), within_s=60, what="all is put away")
        chain = await _verified(town)
        assert (chain.begins, chain.rows) == (TOO_OLD, OLD)
        status = await town.get("/status")
        assert status["agree"], status["findings"]


async def test_old_passages_and_deliveries_are_still_shown(tmp_path: Path, database: str) -> None:
    async with towns.opened(tmp_path, database=database, started=False) as town:
        await _grown_old(town)
        await town.dabyl.start()
        await waiting.until(lambda: _put_away(town), within_s=60, what="all is put away")
        page = await town.get("/events", lane="event", limit=500)
        assert len(page["items"]) == 500
        assert page["items"][0]["number"] == TOO_OLD + OLD
        done = await town.get("/deliveries", state="done", limit=500)
        assert len(done["items"]) == DONE
        assert (await town.dabyl.run("delivery", "list", "--state", "done"))[0] == 0


async def test_whoever_holds_the_table_only_puts_off_the_making_of_days(
    tmp_path: Path, database_url: str
) -> None:
    async with towns.opened(tmp_path, database=database_url, started=False) as town:
        database = open_database(town.database)
        holding = asyncio.create_task(database.write(_held, Urgency.BULK))
        try:
            await asyncio.sleep(0.3)
            await town.dabyl.start()
            assert (await town.devices.press("button-1")).took_s < 2
        finally:
            await holding
            await database.close()
