"""Compare: what a chain cannot show by itself is found by what receivers were told of it."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete

from adapters.signal import Lane
from gateway import compare
from gateway.compare import Comparison
from gateway.domain.telling import time_text
from gateway.store import checkpoints, journal, outbox, retention, schema
from gateway.store.database import Database
from gateway.store.journal import Head
from gateway.store.retention import Cut
from gateway.store.walk import Fault, What
from tests.domain.making import NOW
from tests.store.making import do, owed
from tests.store.test_chain import SIGNER, heard, verified

BOTH = pytest.mark.parametrize("lane", list(Lane))
LATE = NOW + timedelta(days=400)


async def written(
    store: Database, lane: Lane, count: int = 6, gateway: str = "g1", word: str = "e"
) -> list[Head]:
    """A chain, and each of its heads."""

    def work(connection: Connection) -> list[Head]:
        heads = [Head()]
        for one in heard(lane, count, word):
            heads.append(journal.append(connection, gateway, lane, [one], heads[-1]))
        return heads[1:]

    return await do(store, work)


def line(lane: Lane, head: Head, gateway: str = "g1", at: datetime = NOW) -> bytes:
    """What a receiver writes down of a notice."""
    row = {"number": head.number, "hash": head.hash.hex()}
    anchor: dict[str, Any] = {"gateway": gateway, "number": 0, "hash": ""}
    anchor |= row if lane is Lane.ALARM else {"event": row}
    event = {"id": "x", "time": time_text(at), "data": {"journal": anchor}}
    return json.dumps({"verdict": "accepted", "body": json.dumps(event)}).encode() + b"\n"


async def found(store: Database, lines: Sequence[bytes]) -> tuple[Comparison, list[Fault]]:
    comparison = await compare.with_record(store, lines)
    return comparison, await compare.faults(store, comparison)


async def forge(store: Database, lane: Lane, work: Callable[[Connection], object]) -> None:
    """Do that; by itself the chain is whole afterwards."""
    await do(store, lambda c: work(c) and None)
    faults, _ = await verified(store)
    assert [one for one in faults if one.lane is lane] == []


@BOTH
async def test_a_chain_that_is_as_it_was_told_has_no_fault(store: Database, lane: Lane) -> None:
    heads = await written(store, lane)
    comparison, faults = await found(store, [line(lane, head) for head in heads] * 2)
    assert (faults, comparison.compared, comparison.records) == ([], 12, 12)


@BOTH
async def test_a_tail_that_was_cut_is_named(store: Database, lane: Lane) -> None:
    heads = await written(store, lane)
    rows = journal.table(lane)
    await forge(store, lane, lambda c: c.execute(delete(rows).where(rows.c.number > 4)))
    _, (fault,) = await found(store, [line(lane, head) for head in heads])
    assert (fault.lane, fault.number, fault.what) == (lane, 6, What.CUT)
    assert fault.says == (
        "the receiver was told of row 6, the journal ends at row 4 (2 told rows are gone)"
    )


@pytest.mark.parametrize("from_row", [1, 4])
@BOTH
async def test_a_chain_written_anew_with_good_hashes_is_named(
    store: Database, lane: Lane, from_row: int
) -> None:
    heads = await written(store, lane)
    rows = journal.table(lane)

    def anew(connection: Connection) -> Head:
        connection.execute(delete(rows).where(rows.c.number >= from_row))
        before = heads[from_row - 2] if from_row > 1 else Head()
        return journal.append(connection, "g1", lane, heard(lane, 7, "forged"), before)

    await forge(store, lane, anew)
    _, (fault,) = await found(store, [line(lane, head) for head in heads])
    assert (fault.number, fault.what) == (from_row, What.REWRITTEN)
    differ = 7 - from_row
    assert f"({differ} told rows differ)" in fault.says


@BOTH
async def test_a_gateway_whose_whole_chain_is_gone_is_named(store: Database, lane: Lane) -> None:
    heads = await written(store, lane, gateway="g2", word="other")
    await written(store, lane, gateway="g1")
    rows = journal.table(lane)
    await forge(store, lane, lambda c: c.execute(delete(rows).where(rows.c.gateway == "g2")))
    _, (fault,) = await found(store, [line(lane, head, "g2") for head in heads])
    assert (fault.gateway, fault.number, fault.what) == ("g2", 6, What.CUT)
    assert "this gateway has no journal at all" in fault.says


async def test_a_chain_that_is_gone_is_missed_by_the_outbox_itself(store: Database) -> None:
    (*_, head) = await written(store, Lane.ALARM)
    anchor = {"gateway": "g1", "number": head.number, "hash": head.hash.hex()}
    body = json.dumps({"data": {"journal": anchor}}).encode()
    await do(store, outbox.make_room, "g1", {"centre": 1})
    await do(store, outbox.owe, [owed(1, body=body, state="done")])
    assert (await verified(store))[0] == []
    rows = schema.journal_alarm
    await do(store, lambda c: c.execute(delete(rows)).close())
    (fault,), _ = await verified(store)
    assert (fault.what, fault.number) == (What.CUT, 6)
    assert fault.says == "the outbox speaks of row 6, the journal ends at 0"


async def dropped(store: Database, lane: Lane, rows: int) -> None:
    cut = Cut(signer=SIGNER, lane=lane, before=LATE, now=LATE)
    assert await do(store, retention.drop_slice, cut, rows) == rows


@BOTH
async def test_what_retention_dropped_is_counted_and_accuses_nobody(
    store: Database, lane: Lane
) -> None:
    heads = await written(store, lane)
    await dropped(store, lane, 4)
    comparison, faults = await found(store, [line(lane, head) for head in heads])
    assert (faults, comparison.dropped, comparison.compared) == ([], 3, 3)


@BOTH
async def test_a_chain_written_anew_behind_its_checkpoint_is_named(
    store: Database, lane: Lane
) -> None:
    heads = await written(store, lane)
    await dropped(store, lane, 3)
    rows = journal.table(lane)

    def anew(connection: Connection) -> Head:
        connection.execute(delete(rows).where(rows.c.number > 3))
        return journal.append(connection, "g1", lane, heard(lane, 4, "forged"), heads[2])

    await forge(store, lane, anew)
    _, (fault,) = await found(store, [line(lane, head) for head in heads])
    assert (fault.number, fault.what) == (4, What.REWRITTEN)


async def test_a_checkpoint_at_a_row_that_was_another_is_named(store: Database) -> None:
    """Whoever has our key can sign a forged beginning; the centre was told of the true row."""
    heads = await written(store, Lane.ALARM)
    lie = Head(number=3, hash=b"\x07" * 32)

    def anew(connection: Connection) -> Head:
        connection.execute(delete(schema.journal_alarm))
        checkpoints.leave(
            connection, SIGNER, "g1", Lane.ALARM, lie, before=LATE - timedelta(days=9), now=LATE
        )
        return journal.append(connection, "g1", Lane.ALARM, heard(Lane.ALARM, 3, "forged"), lie)

    await forge(store, Lane.ALARM, anew)
    _, (fault,) = await found(store, [line(Lane.ALARM, head) for head in heads])
    assert (fault.number, fault.what) == (3, What.REWRITTEN)


async def test_rows_dropped_before_their_time_are_named(store: Database) -> None:
    """With our key, everything up to yesterday is dropped as if it were years old."""
    heads = await written(store, Lane.ALARM)
    before = NOW + timedelta(days=30)
    cut = Cut(signer=SIGNER, lane=Lane.ALARM, before=before, now=LATE)
    await forge(store, Lane.ALARM, lambda c: retention.drop_slice(c, cut, 5))
    days = [NOW + timedelta(days=20 * n) for n in range(6)]
    lines = [line(Lane.ALARM, head, at=at) for head, at in zip(heads, days, strict=True)]
    _, (fault,) = await found(store, lines)
    assert (fault.number, fault.what) == (4, What.CUT)
    assert "row 4 was heard after 2027-01-01 03:15" in fault.says


async def test_any_number_of_records_is_compared_in_pieces(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "AT_ONCE", 4)
    heads = await written(store, Lane.ALARM, 10)
    lines = [line(Lane.ALARM, head) for head in heads[::-1]] + [b"\n", b"no json\n"]
    comparison, faults = await found(store, lines)
    assert (faults, comparison.compared, comparison.unread) == ([], 10, 1)
