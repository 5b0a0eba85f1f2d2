"""The ladder's rows and the claims': found by their index, held, and skipped where held."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from gateway.domain.alarm import Alarm, Disposition, Hidden, State
from gateway.domain.escalation import Ladder
from gateway.domain.kind import Priority
from gateway.store import alarms, dues, ladder, schema
from gateway.store.database import CountingDatabase, Urgency
from gateway.store.ladder import Watch
from gateway.store.prepared import run
from tests.domain.making import NOW, later
from tests.harness import waiting
from tests.store.making import an_alarm, change, do

ALL, NOBODY = Watch(everywhere=True), Watch()
SEEN: dict[str, Any] = {"state": State.ACKNOWLEDGED, "acknowledged_at": NOW, "last_at": NOW}
HELD: dict[str, Any] = {
    **SEEN,
    "claimed_by": "aigerim",
    "claimed_at": NOW,
    "claimed_until": later(23),
}


def asking(key: int, since_s: float = 0, **more: Any) -> Alarm:  # noqa: ANN401 - fields of every type
    return an_alarm(key, asks_since=later(since_s), **more)


async def kept(store: CountingDatabase, *given: Alarm) -> None:
    await do(store, alarms.save, [change(one, new=True) for one in given])


async def until(store: CountingDatabase, key: int) -> datetime | None:
    """Until when that one is held."""
    found = await do(store, alarms.get, an_alarm(key).id)
    assert found is not None
    return found.claimed_until


async def due(store: CountingDatabase, after_s: float, watch: Watch = ALL) -> list[int]:
    """The keys of what must climb."""
    found = await do(store, ladder.due, Ladder(), watch, later(after_s), 99)
    return [int(one.id, 16) for one in found]


async def test_the_cheap_look_says_whether_anything_is_due(store: CountingDatabase) -> None:
    await kept(store, asking(1), an_alarm(2, **HELD))
    for after_s, watch, is_due in ((29, ALL, False), (30, ALL, True), (0, Watch(), True)):
        found = await do(store, ladder.anything_due, Ladder(), watch, later(after_s))
        assert found is is_due, after_s


async def test_each_rung_is_due_at_its_time_the_gravest_and_oldest_first(
    store: CountingDatabase,
) -> None:
    await kept(
        store,
        asking(1, 3),
        asking(2, 1),
        asking(3, 0, priority=Priority.P1),
        asking(4, -40, escalation=1),
        asking(5, -95, escalation=2),
        asking(6, -999, escalation=3),
    )
    assert await due(store, 19) == []
    assert await due(store, 25) == [5, 4]
    assert await due(store, 33) == [5, 4, 2, 1, 3]


async def test_what_asks_nobody_or_is_hidden_or_a_test_is_never_due(
    store: CountingDatabase,
) -> None:
    await kept(
        store,
        asking(1, test=True),
        asking(2, priority=Priority.P1, hidden=Hidden.SHELVED, hidden_until=later(9)),
        asking(3, priority=Priority.P2),
        asking(4, state=State.RETURNED, priority=Priority.P1),
        asking(5, state=State.NORMAL, closed_at=NOW),
        asking(6, state=State.ACKNOWLEDGED, responded="accepted", acknowledged_at=NOW),
    )
    assert await due(store, 999, Watch()) == []


async def test_over_whose_district_nobody_watches_is_due_at_once_but_not_in_doubt(
    store: CountingDatabase,
) -> None:
    await kept(store, asking(1), asking(2, district="auezov"), asking(3, district=None, site=None))
    assert await due(store, 0, Watch()) == [1, 2, 3]
    assert await due(store, 0, Watch(districts=["auezov"])) == [1]
    assert await due(store, 0, ALL) == []
    assert await due(store, 0, Watch(is_trusted=False)) == []


@pytest.mark.parametrize(
    "more",
    [
        {"responded": "accepted"},
        {"closing_as": Disposition.FALSE, "closing_due_at": later(999)},
        {"priority": Priority.P1},
        {"test": True},
        {"escalation": 1},
        {"last_at": later(0.1)},
        {"state": State.UNACKNOWLEDGED, "asks_since": later(100)},
        {"state": State.NORMAL, "closed_at": NOW},
    ],
)
@pytest.mark.parametrize(
    "seen",
    [SEEN, HELD, {"state": State.ACKNOWLEDGED, "last_at": NOW}],
    ids=["seen", "held", "by an older gateway"],
)
async def test_a_cry_that_was_seen_or_is_held_is_due_when_nobody_said_what_is_done(
    store: CountingDatabase, seen: dict[str, Any], more: dict[str, Any]
) -> None:
    await kept(store, an_alarm(1, **seen), an_alarm(2, **{**seen, **more}))
    assert await due(store, 119.9) == []
    assert await due(store, 120) == [1]
    assert await do(store, ladder.anything_due, Ladder(), ALL, later(120))


@pytest.mark.parametrize("seen", [SEEN, HELD], ids=["seen", "held"])
async def test_what_nobody_answers_is_due_again_at_each_rung(
    store: CountingDatabase, seen: dict[str, Any]
) -> None:
    await kept(store, *(an_alarm(n + 1, **seen, escalation=n) for n in range(4)))
    expected = {120: [1], 239: [1], 240: [1, 2], 359: [1, 2], 360: [1, 2, 3], 9999: [1, 2, 3]}
    assert {s: await due(store, s) for s in expected} == expected


async def test_what_somebody_changes_just_now_is_left_for_the_next_look(
    store: CountingDatabase,
) -> None:
    if store.dialect == "sqlite":
        pytest.skip("one at a time writes there")
    await kept(store, asking(1), asking(2), an_alarm(3, **HELD), an_alarm(4, **HELD))

    def hold(connection: Connection) -> None:
        connection.execute(
            text("SELECT id FROM alarms WHERE id IN (:one, :two) FOR UPDATE"),
            {"one": an_alarm(1).id, "two": an_alarm(3).id},
        )
        connection.execute(text("SELECT pg_sleep(2)"))

    async def only_the_other_is_due() -> bool:
        return await due(store, 31) == [2]

    holding = asyncio.create_task(store.write(hold, Urgency.ALARM))
    await waiting.until(only_the_other_is_due, within_s=2, what="what is held is left")
    await do(store, dues.extend_claims, ["aigerim"], later(50))
    assert not holding.done()
    await holding
    assert [await until(store, n) for n in (3, 4)] == [later(23), later(50)]


async def test_a_sign_of_life_moves_only_what_those_people_hold(store: CountingDatabase) -> None:
    closed = {**HELD, "state": State.NORMAL, "closed_at": NOW}
    await kept(
        store,
        an_alarm(1, **HELD),
        an_alarm(2, **{**HELD, "claimed_by": "bolat"}),
        an_alarm(3, **closed),
        an_alarm(4),
    )
    assert await do(store, dues.anything_held, ["aigerim"])
    assert not await do(store, dues.anything_held, ["saule"])
    await do(store, dues.extend_claims, ["aigerim", "saule"], later(60))
    assert [await until(store, n) for n in (1, 2, 3)] == [later(60), later(23), later(23)]
    assert await until(store, 4) is None


@pytest.mark.parametrize("watch", [ALL, NOBODY, Watch(districts=["auezov", "medeu"])])
async def test_looking_reads_indices_and_not_every_alarm_that_ever_was(
    store: CountingDatabase, watch: Watch
) -> None:
    if store.dialect == "postgresql":
        pytest.skip("there the planner decides by size; that the index fits is the same word")
    look = ladder._anything(2, ladder._watched(watch))  # noqa: SLF001 - its own plan
    values = ladder._values(Ladder(), watch, NOW)  # noqa: SLF001 - likewise

    def plan(connection: Connection) -> str:
        known = look.compiled(connection)
        return explained(connection, known.sql, known.values(values))

    found = await do(store, plan)
    assert "ix_alarms_asks" in found
    assert "ix_alarms_unanswered" in found
    reads = [step for step in found.split("; ") if "alarms" in step]
    assert all("USING INDEX" in step for step in reads), reads


async def test_looking_what_somebody_holds_reads_an_index(store: CountingDatabase) -> None:
    if store.dialect == "postgresql":
        pytest.skip("as above")
    held = select(schema.alarms.c.id).where(*dues._held_by(["aigerim"]))  # noqa: SLF001 - likewise
    sql = str(held.compile(compile_kwargs={"literal_binds": True}))
    assert "ix_alarms_held" in await do(store, lambda c: explained(c, sql, []))


def explained(connection: Connection, sql: str, values: list[Any]) -> str:
    """How SQLite would go about it."""
    return "; ".join(str(row[-1]) for row in run(connection, f"EXPLAIN QUERY PLAN {sql}", values))
