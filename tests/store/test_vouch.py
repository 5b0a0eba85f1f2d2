"""Whoever touches the audit is found, and the first row is named in words."""

from collections.abc import Callable

import msgspec
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, delete, insert, select, update

from gateway import vouch
from gateway.domain.deed import Deed
from gateway.store import audit, audit_checkpoints, audit_views, schema
from gateway.store.audit import Audited
from gateway.store.audit_checkpoints import Checkpoint, NoCheckpoint
from gateway.store.audit_views import Sought
from gateway.store.database import Database
from gateway.store.journal import Head
from gateway.store.signing import Signer
from gateway.vouch import Walk
from tests.domain.making import NOW, later
from tests.harness.changed import replace
from tests.store.making import do

SIGNER = Signer(Fernet.generate_key())
ROWS = schema.audit


async def written(store: Database, count: int) -> None:
    """So many deeds, a second apart."""
    for n in range(count):
        one = Audited(who=f"person-{n % 3}", role="dispatcher", what=Deed.NOTE, key=f"k{n}")
        await do(store, audit.note, one, later(n))


async def walked(store: Database, *kept: Checkpoint) -> Walk:
    return [one async for one in vouch.walked(store, {SIGNER.public}, kept)][-1]


async def end(store: Database) -> Checkpoint:
    return await do(store, audit_checkpoints.of_end, SIGNER, NOW)


def forged(number: int, **values: object) -> Callable[[Connection], None]:
    """A row with other words, its hash and all later ones made to fit, the end with them."""

    def work(connection: Connection) -> None:
        if values:
            connection.execute(update(ROWS).where(ROWS.c.number == number).values(**values))
        last = Head()
        for row in audit_views.page(connection, 0, 10_000):
            made = audit.linked(last, audit_views.facts(row))
            last = Head(number=row[audit_views.NUMBER], hash=made)
            connection.execute(
                update(ROWS).where(ROWS.c.number == last.number).values(hash=last.hash)
            )
        connection.execute(update(schema.audit_head).values(number=last.number, hash=last.hash))

    return work


def without(*numbers: int) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute(delete(ROWS).where(ROWS.c.number.in_(numbers)))

    return work


async def test_an_audit_that_nobody_touched_is_whole(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vouch, "PAGE", 3)
    await written(store, 10)
    found = await walked(store, await end(store))
    assert (found.faults, found.rows, found.compared) == ([], 10, 1)
    assert found.head == await do(store, audit.head)


async def test_an_empty_audit_is_whole_and_proves_nothing(store: Database) -> None:
    found = await walked(store)
    assert (found.faults, found.rows) == ([], 0)


@pytest.mark.parametrize(
    ("tampered", "said"),
    [
        (update(ROWS).where(ROWS.c.number == 4).values(who="eve"), "row 4 was changed"),
        (update(ROWS).where(ROWS.c.number == 4).values(hash=b"x" * 32), "row 4 was changed"),
        (delete(ROWS).where(ROWS.c.number == 4), "row 4 is missing"),
        (delete(ROWS).where(ROWS.c.number.in_([1, 2])), "rows 1 to 2 are missing"),
        (delete(ROWS).where(ROWS.c.number > 8), "row 10 was written, the last is 8"),
        (delete(ROWS), "row 10 was written, the last is 0"),
        (delete(schema.audit_head), "the end was set back to row 0"),
        (update(schema.audit_head).values(number=7), "the end"),
        (update(schema.audit_head).values(hash=b"x" * 32), "row 10 is not the one"),
    ],
)
async def test_a_row_that_was_touched_is_named(
    store: Database, tampered: object, said: str
) -> None:
    await written(store, 10)
    await do(store, lambda c: c.execute(tampered))
    (fault,) = (await walked(store)).faults
    assert said in fault


async def test_a_chain_that_was_written_anew_is_found_by_a_checkpoint_kept_elsewhere(
    store: Database,
) -> None:
    await written(store, 10)
    kept = await end(store)
    await do(store, forged(4, who="eve"))
    assert (await walked(store)).faults == []
    (fault,) = (await walked(store, kept)).faults
    assert "row 10 is not the one that was told of" in fault


async def test_an_end_that_was_cut_off_is_found_by_a_checkpoint_kept_elsewhere(
    store: Database,
) -> None:
    await written(store, 10)
    kept = await end(store)
    await do(store, without(9, 10))
    await do(store, forged(1))
    (fault,) = (await walked(store, kept)).faults
    assert "row 10 was told of, the audit ends at 8" in fault


async def test_a_checkpoint_of_somebody_else_is_not_believed(store: Database) -> None:
    await written(store, 3)
    strange = audit_checkpoints.signed(await end(store), Signer(Fernet.generate_key()))
    changed = replace(await end(store), number=2)
    for kept in (strange, changed):
        assert "was not signed by us" in (await walked(store, kept)).faults[0]


async def test_a_checkpoint_is_read_as_it_was_written(store: Database) -> None:
    await written(store, 3)
    made = await end(store)
    assert audit_checkpoints.read(msgspec.json.encode(made)) == made
    for text in (b"", b"{}", b"[1]", b'{"number": 1, "hash": "xyz", "at": "2026-01-01T00:00:00Z"}'):
        with pytest.raises(NoCheckpoint):
            audit_checkpoints.read(text)


async def test_what_is_too_old_goes_and_a_signed_checkpoint_takes_its_place(
    store: Database,
) -> None:
    await written(store, 10)
    for _ in range(3):
        await do(store, audit_checkpoints.cut, later(5), 2, signer=SIGNER, now=later(60))
    found = await walked(store)
    assert (found.faults, found.begins, found.rows) == ([], 5, 5)
    (made,) = await do(store, audit_checkpoints.all_of)
    assert (made.number, made.before) == (5, later(5))
    a_day = 86_400
    await do(store, audit_checkpoints.cut, later(7), 9, signer=SIGNER, now=later(a_day))
    assert len(await do(store, audit_checkpoints.all_of)) == 2
    assert (await walked(store)).faults == []


async def test_the_last_row_stays_however_old_it_is(store: Database) -> None:
    await written(store, 3)
    assert await do(store, audit_checkpoints.cut, later(99), 9, signer=SIGNER, now=later(99)) == 2
    assert await do(store, audit_checkpoints.cut, later(99), 9, signer=SIGNER, now=later(99)) == 0
    await written(store, 1)
    assert (await walked(store)).faults == []


async def test_rows_that_were_cut_by_nobodys_word_are_missing(store: Database) -> None:
    await written(store, 10)
    other = Signer(Fernet.generate_key())
    await do(store, audit_checkpoints.cut, later(5), 9, signer=other, now=later(60))
    assert "was not signed by us" in (await walked(store)).faults[0]
    await do(store, lambda c: c.execute(delete(schema.audit_checkpoints)))
    assert "rows 1 to 5 are missing" in (await walked(store)).faults[0]


async def test_a_row_before_the_beginning_was_put_there(store: Database) -> None:
    await written(store, 10)
    await do(store, audit_checkpoints.cut, later(5), 9, signer=SIGNER, now=later(60))

    def put(connection: Connection) -> None:
        row = connection.execute(select(ROWS)).first()
        assert row is not None
        connection.execute(insert(ROWS), {**row._mapping, "number": 2})  # noqa: SLF001 - public

    await do(store, put)
    assert "row 2 was put in" in (await walked(store)).faults[0]


async def test_the_audit_is_read_by_who_what_and_when_and_of_ones_own_districts(
    store: Database,
) -> None:
    for n, district in enumerate(("medeu", "auezov", None)):
        one = Audited(who=f"p{n}", role="", what=Deed.CLAIM, key=f"k{n}", district=district)
        await do(store, audit.note, one, later(n))
    await do(store, audit.note, Audited(who="p0", role="", what=Deed.CLOSE), later(3))

    async def seen(**sought: object) -> list[int]:
        return [one.number for one in await do(store, audit_views.listed, Sought(**sought), 9)]  # type: ignore[arg-type]

    assert await seen() == [4, 3, 2, 1]
    assert await seen(who="p0") == [4, 1]
    assert await seen(what=Deed.CLOSE) == [4]
    assert await seen(key="k1") == [2]
    assert await seen(since=later(1), until=later(3)) == [3, 2]
    assert await seen(districts=frozenset({"medeu"})) == [1]
    assert await seen(districts=frozenset({"medeu"}), also="p2") == [3, 1]
    assert await do(store, audit_views.count, Sought(), 3) == 3
    (only,) = await do(store, audit_views.listed, Sought(), 1, 2)
    assert (only.number, only.at, only.data) == (1, NOW, {})


async def test_what_a_receiver_was_told_finds_a_chain_that_was_written_anew(
    store: Database,
) -> None:
    await written(store, 10)
    end = await do(store, audit.head)
    event = {"data": {"gateway": "g1", "audit": {"number": end.number, "hash": end.hash.hex()}}}
    body = msgspec.json.encode(event).decode()
    strange = body.replace('"number":10', '"number":7')
    lines = [
        *(b"", b"no json", b'{"data":{"journal":{}}}', msgspec.json.encode(event)),
        msgspec.json.encode({"body": strange, "verdict": "unsigned"}),
    ]
    heard = vouch.told(lines)
    assert heard == {10: end.hash.hex()} == vouch.told([msgspec.json.encode({"body": body})])
    walk = [one async for one in vouch.walked(store, (), (), heard)][-1]
    assert (walk.faults, walk.compared) == ([], 1)
    await do(store, forged(4, who="eve"))
    walk = [one async for one in vouch.walked(store, (), (), heard)][-1]
    assert "row 10 is not the one that was told of" in walk.faults[0]
