"""The chain: whoever touches it is found, and the first row is named in words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, delete, insert, select, update

from adapters.signal import Lane
from gateway import verify
from gateway.domain import belief
from gateway.domain.event import Event
from gateway.domain.supervision import FOUND, Finding
from gateway.store import journal, schema
from gateway.store.database import Database
from gateway.store.journal import Head
from gateway.store.signing import Signer
from gateway.store.walk import Fault, What
from gateway.verify import Trust, Walked
from tests.domain.making import NOW, REGISTRY, event
from tests.harness.changed import replace
from tests.store.making import do

SIGNER = Signer(Fernet.generate_key())
TRUST = Trust(keys={SIGNER.public})
BOTH = pytest.mark.parametrize("lane", list(Lane))


def heard(lane: Lane, count: int, word: str = "e") -> list[Event]:
    """So many presses, or passages, a second apart."""
    kind, by = (
        ("panic.pressed", "button-1") if lane is Lane.ALARM else ("passage.granted", "gate-1")
    )
    return [
        replace(
            event(kind, by, id=f"{word}{n}", content={"n": n, "id": f"{word}{n}"}),
            received_at=NOW + timedelta(seconds=n),
        )
        for n in range(count)
    ]


async def written(store: Database, lane: Lane, count: int, gateway: str = "g1") -> Head:
    return await do(store, journal.append, gateway, lane, heard(lane, count), Head())


async def verified(store: Database, trust: Trust = TRUST) -> tuple[list[Fault], list[Walked]]:
    steps = [step async for step in verify.every_chain(store, trust)]
    walked = [step for step in steps if isinstance(step, Walked)]
    return [step for step in steps if isinstance(step, Fault)], walked


async def named(store: Database) -> tuple[int, What, str]:
    """The one fault there is."""
    (fault,), _ = await verified(store)
    return fault.number, fault.what, fault.says


def moved(lane: Lane, places: dict[int, int]) -> Callable[[Connection], None]:
    """Rows under other numbers, and nothing else of them changed."""
    rows = journal.table(lane)

    def work(connection: Connection) -> None:
        for now, then in places.items():
            to = update(rows).where(rows.c.number == now).values(number=10_000 + then)
            connection.execute(to)
        beyond = update(rows).where(rows.c.number > 10_000)
        connection.execute(beyond.values(number=rows.c.number - 10_000))

    return work


def forged(lane: Lane, number: int, **values: Any) -> Callable[[Connection], None]:  # noqa: ANN401 - of every type
    """A row made of the last one, under that number, with a hash that fits the one before it."""
    rows = journal.table(lane)

    def work(connection: Connection) -> None:
        last = connection.execute(select(rows).order_by(rows.c.number.desc())).first()
        before = connection.execute(select(rows.c.hash).where(rows.c.number == number - 1)).scalar()
        assert last is not None
        row = {**last._mapping, "number": number, "event_id": "forged", **values}  # noqa: SLF001 - SQLAlchemy's public name
        facts = [_plain(row[name]) for name in journal.FACTS]
        row["hash"] = journal.linked(bytes(before or bytes(32)), facts, row["body"])
        connection.execute(insert(rows), row)

    return work


FINDING = Finding(kind="device.silent", about="button-1", cause="nothing_heard")


async def test_what_supervision_found_is_whole_and_so_is_a_device_that_speaks_alike(
    store: Database,
) -> None:
    """Its broker may be called so, and its ids are its own choice."""
    alike = replace(event("panic.pressed", id=f"{FOUND}1"), link="gateway")
    rows = [belief.found(FINDING, NOW, REGISTRY), alike]
    await do(store, journal.append, "g1", Lane.ALARM, rows, Head())
    faults, (walked,) = await verified(store)
    assert (faults, walked.rows) == ([], 2)


async def test_what_supervision_found_and_another_digest_do_not_fit(store: Database) -> None:
    rows = [belief.found(FINDING, NOW, REGISTRY)]
    await do(store, journal.append, "g1", Lane.ALARM, rows, Head())
    work = update(schema.journal_alarm).values(digest=bytes(16))
    await do(store, lambda c: c.execute(work).close())
    assert (await named(store))[:2] == (1, What.CHANGED)


def _plain(value: object) -> object:
    return schema.microseconds(value) if isinstance(value, datetime) else value


@BOTH
async def test_a_whole_chain_is_walked_to_its_head(store: Database, lane: Lane) -> None:
    head = await written(store, lane, verify.PAGE + 1)
    faults, (walked,) = await verified(store)
    assert faults == []
    assert (walked.gateway, walked.lane, walked.rows) == ("g1", lane, verify.PAGE + 1)
    assert walked.head == head


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "panic.fire"},
        {"body": b'{"id": "e1"}'},
        {"device": "other"},
        {"site": None},
        {"received_at": NOW + timedelta(microseconds=1)},
        {"marks": "said_test"},
        {"part": 2},
        {"hash": bytes(32)},
        {"digest": bytes(16)},
    ],
    ids=lambda values: next(iter(values)),
)
@pytest.mark.parametrize("number", [1, 2, 4])
@BOTH
async def test_a_row_that_was_changed_is_named(
    store: Database, lane: Lane, number: int, values: dict[str, object]
) -> None:
    await written(store, lane, 4)
    rows = journal.table(lane)
    change = update(rows).where(rows.c.number == number).values(values)
    await do(store, lambda c: c.execute(change).close())
    found = await named(store)
    assert found[:2] == (number, What.CHANGED)
    assert ("only its hash" in found[2]) == ("hash" in values and number < 4)


@pytest.mark.parametrize(
    ("gone", "says"),
    [
        ([3], "row 3 is missing; the next is row 4"),
        ([2, 3, 4], "rows 2 to 4 are missing; the next is row 5"),
        ([1], "row 1 is missing; the next is row 2"),
    ],
)
@BOTH
async def test_rows_that_are_missing_are_named(
    store: Database, lane: Lane, gone: list[int], says: str
) -> None:
    await written(store, lane, 6)
    rows = journal.table(lane)
    await do(store, lambda c: c.execute(delete(rows).where(rows.c.number.in_(gone))).close())
    assert await named(store) == (gone[0], What.MISSING, says)


@BOTH
async def test_rows_cut_out_and_the_rest_renumbered_are_missed(store: Database, lane: Lane) -> None:
    await written(store, lane, 9)
    rows = journal.table(lane)
    await do(store, lambda c: c.execute(delete(rows).where(rows.c.number.in_([3, 4]))).close())
    await do(store, moved(lane, {number: number - 2 for number in range(5, 10)}))
    number, what, says = await named(store)
    assert (number, what) == (3, What.MISSING)
    assert says.startswith("2 rows were cut out before row 3")


@pytest.mark.parametrize(("one", "other"), [(2, 3), (2, 5), (1, 6)])
@BOTH
async def test_rows_that_were_swapped_are_named(
    store: Database, lane: Lane, one: int, other: int
) -> None:
    await written(store, lane, 6)
    await do(store, moved(lane, {one: other, other: one}))
    says = f"rows {one} and {other} were swapped"
    assert await named(store) == (one, What.SWAPPED, says)


@BOTH
async def test_a_row_put_in_between_is_named(store: Database, lane: Lane) -> None:
    await written(store, lane, 6)
    await do(store, moved(lane, {number: number + 1 for number in range(4, 7)}))
    await do(store, forged(lane, 4))
    number, what, says = await named(store)
    assert (number, what) == (4, What.INSERTED)
    assert says.startswith("row 4 was put in")


async def test_a_row_put_in_with_no_hash_of_its_own_is_named(store: Database) -> None:
    await written(store, Lane.ALARM, 6)
    await do(store, moved(Lane.ALARM, {number: number + 1 for number in range(4, 7)}))
    await do(store, forged(Lane.ALARM, 4))
    rows = journal.table(Lane.ALARM)
    blind = update(rows).where(rows.c.number == 4).values(hash=bytes(32))
    await do(store, lambda c: c.execute(blind).close())
    assert await named(store) == (
        4,
        What.INSERTED,
        "row 4 was put in: what belongs there stands at row 5",
    )


async def test_every_gateway_has_a_chain_of_its_own(store: Database) -> None:
    await written(store, Lane.ALARM, 2)
    other = [event("panic.pressed", "gate-1", id="x")]
    await do(store, journal.append, "g2", Lane.ALARM, other, Head())
    rows = journal.table(Lane.ALARM)
    broken = update(rows).where(rows.c.gateway == "g1", rows.c.number == 1).values(part=7)
    await do(store, lambda c: c.execute(broken).close())
    (fault,), walked = await verified(store)
    assert (fault.gateway, [(one.gateway, one.rows) for one in walked]) == (
        "g1",
        [("g1", 0), ("g2", 1)],
    )


async def test_what_is_counted_beside_the_chain_changes_nothing(store: Database) -> None:
    await written(store, Lane.ALARM, 2)
    rows = journal.table(Lane.ALARM)
    await do(store, lambda c: c.execute(update(rows).values(heard_again=7, folded=9)).close())
    assert (await verified(store))[0] == []
