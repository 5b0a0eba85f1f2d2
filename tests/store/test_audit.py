"""The audit: every deed stands in one chain, with the deed or not at all."""

import asyncio
import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import Connection, select

from gateway.domain.deed import Deed
from gateway.domain.operator import Operator, Role
from gateway.store import audit, schema
from gateway.store.audit import Audited
from gateway.store.database import CountingDatabase, Database, Urgency
from gateway.store.journal import GENESIS, Head
from tests.domain.making import NOW, later
from tests.house import tree
from tests.store.making import do

AIGERIM = Operator(name="aigerim", role=Role.DISPATCHER, districts=frozenset({"medeu"}))
CLAIM = audit.by(AIGERIM, Deed.CLAIM, "a" * 32, {"version": 2, "note": None}, gateway="g1")


def rows(connection: Connection) -> list[Any]:
    return list(connection.execute(select(schema.audit).order_by(schema.audit.c.number)))


async def test_a_deed_is_written_as_it_was_done(store: Database) -> None:
    await do(store, audit.note, CLAIM, NOW)
    (row,) = await do(store, rows)
    assert (row.number, row.at, row.gateway, row.who, row.role) == (
        *(1, NOW, "g1", "aigerim", "dispatcher"),
    )
    assert (row.district, row.what, row.key, row.data) == (
        *("medeu", "claim", "a" * 32, '{"version":2}'),
    )


async def test_each_row_is_hashed_over_the_one_before(store: Database) -> None:
    for second in range(3):
        await do(store, audit.note, CLAIM, later(second))
    last = GENESIS
    for row in await do(store, rows):
        facts = [
            *(schema.microseconds(row.at), row.gateway, row.who, row.role),
            *(row.district, row.what, row.key, row.data),
        ]
        said = json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode()
        last = hashlib.sha256(last + row.number.to_bytes(8, "big") + said).digest()
        assert bytes(row.hash) == last
    assert await do(store, audit.head) == Head(number=3, hash=last)


async def test_what_is_undone_leaves_nothing_in_the_audit(store: Database) -> None:
    def failing(connection: Connection) -> None:
        audit.note(connection, CLAIM, NOW)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it says nothing
        await do(store, failing)
    await do(store, audit.note, CLAIM, NOW)
    assert [row.number for row in await do(store, rows)] == [1]


async def test_many_who_act_at_once_stand_one_behind_the_other(store: CountingDatabase) -> None:
    def act(connection: Connection) -> None:
        audit.note(connection, CLAIM, NOW)

    urgencies = (Urgency.ALARM, Urgency.STEP, Urgency.EVENT)
    await asyncio.gather(*(store.write(act, urgencies[n % 3]) for n in range(30)))
    found = await do(store, rows)
    assert [row.number for row in found] == list(range(1, 31))
    assert bytes(found[-1].hash) == (await do(store, audit.head)).hash


async def test_strangers_words_are_kept_as_far_as_they_can_be(store: Database) -> None:
    evil = "\0<script>\ud800\u202e" + "я" * 300
    one = Audited(who=evil, role="", what=Deed.REFUSED, key=evil, data={"said": [evil]})
    await do(store, audit.note, one, NOW)
    (row,) = await do(store, rows)
    assert row.who == "\ufffd<script>?\u202e" + "я" * 69
    assert json.loads(row.data)["said"][0].endswith("я")
    await do(
        store, audit.note, Audited(who="a", role="", what=Deed.NOTE, data={"n": "x" * 17_000}), NOW
    )
    assert json.loads((await do(store, rows))[1].data)["too_long"] > 17_000


def test_every_deed_is_done_somewhere() -> None:
    code = "".join(tree.text(path) for path in tree.files("gateway/*.py"))
    steps = {Deed.CLAIM, Deed.TAKE_OVER, Deed.ACKNOWLEDGE, Deed.NOTE, Deed.PROCEDURE}
    steps |= {Deed.SHELVE, Deed.UNSHELVE, Deed.REOPEN}
    assert [one for one in {*Deed} - steps if f"Deed.{one.name}" not in code] == []
