"""Bulk: what goes to PostgreSQL as one statement is done in the order in which it was given."""

from sqlalchemy import Connection

from gateway.store import changes, schema
from gateway.store.bulk import Bulk, gathered
from gateway.store.database import Database
from tests.domain.making import NOW
from tests.store.making import do

COLUMNS = ("what", "key", "at")
NOTES = [Bulk.insert(schema.changes, COLUMNS) for _ in range(4)]
"""Each its own statement; the positions that are drawn tell their order."""


def noted_in_one_statement(connection: Connection) -> None:
    with gathered(connection):
        for number, note in enumerate(NOTES):
            note.write(connection, [("alarm", str(number), schema.microseconds(NOW))])


async def test_writes_of_one_statement_are_done_in_their_order(store: Database) -> None:
    """What moved is noted last, behind a lock that all gateways share."""
    await do(store, noted_in_one_statement)
    moved = await do(store, changes.after, 0, 9)
    assert [one.key for one in moved] == ["0", "1", "2", "3"]
