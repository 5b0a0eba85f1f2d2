"""Stills as rows: asked once, settled by who holds them, and gone when they are old."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, event

from gateway.domain.kind import Priority
from gateway.domain.site import DeviceId
from gateway.domain.stills import Fate, Still
from gateway.store import access, alarms, changes, evidence, forgetting, keeping
from gateway.store.access import Access
from gateway.store.changes import What
from gateway.store.database import CountingDatabase
from tests.domain.making import NOW
from tests.harness.changed import replace
from tests.store.making import an_alarm, change, do

P = (0, 1)


def still(key: int, camera: str = "cam-1", offset_s: int = 0) -> Still:
    due_at = NOW + timedelta(seconds=key + offset_s)
    return Still(alarm=f"{key:032x}", camera=DeviceId(camera), offset_s=offset_s, due_at=due_at)


def kept(one: Still) -> Still:
    facts = {"sha256": "ab" * 32, "content_type": "image/jpeg", "size_bytes": 1000}
    return replace(one, fate=Fate.KEPT, **facts)


async def raised(store: CountingDatabase, key: int, **more: object) -> None:
    one = an_alarm(key, **more)
    await do(store, alarms.save, [change(one, new=True)])
    await do(store, changes.note, [(What.ALARM, one.id)], one.raised_at)


async def keep(store: CountingDatabase, *keys: int) -> None:
    """Each alarm with a still that is kept."""
    for key in keys:
        await do(store, evidence.ask, [still(key)], "g1", NOW)
        await do(store, evidence.settle, "g1", [kept(still(key))], NOW)


async def fates(store: CountingDatabase, *keys: int) -> list[str]:
    found = await do(store, evidence.of_alarms, [f"{key:032x}" for key in keys])
    return [found[f"{key:032x}"][0].fate for key in keys]


async def test_what_moved_is_found_once_behind_a_position(store: CountingDatabase) -> None:
    await raised(store, 1)
    await raised(store, 2, priority=Priority.P2)
    await raised(store, 3)
    found, position = await do(store, evidence.moved, 0, P, NOW, 10)
    assert [one.id[-1] for one in found] == ["1", "3"]
    assert (await do(store, evidence.moved, position, P, NOW, 10)) == ([], position)
    first, position = await do(store, evidence.moved, 0, P, NOW, 1)
    rest, _ = await do(store, evidence.moved, position, P, NOW, 10)
    assert [one.id[-1] for one in (*first, *rest)] == ["1", "3"]


async def test_only_an_alarm_of_which_nothing_was_asked_is_unasked(store: CountingDatabase) -> None:
    await raised(store, 1)
    await raised(store, 2)
    await do(store, evidence.ask, [still(1)], "g1", NOW)
    found = await do(store, evidence.unasked, P, NOW, 10)
    assert [one.id[-1] for one in found] == ["2"]


async def test_what_nobody_asked_for_is_read_in_pages_the_newest_first(
    store: CountingDatabase,
) -> None:
    for key in (1, 2, 3):
        await raised(store, key, raised_at=NOW + timedelta(seconds=key // 2))
    since = NOW - timedelta(hours=1)
    first = await do(store, evidence.unasked, P, since, 2)
    rest = await do(store, evidence.unasked, P, since, 2, first[-1])
    assert [one.id[-1] for one in (*first, *rest)] == ["3", "2", "1"]


async def test_a_still_is_asked_once_and_only_its_holder_settles_it(
    store: CountingDatabase,
) -> None:
    assert await do(store, evidence.ask, [still(1)], "g1", NOW) == {still(1).key}
    assert await do(store, evidence.ask, [still(1)], "g2", NOW) == set()
    assert await do(store, evidence.claim, "g2", ["cam-1"], NOW, 10) == set()
    assert await do(store, evidence.settle, "g2", [kept(still(1))], NOW) == []
    assert await do(store, evidence.settle, "g1", [kept(still(1))], NOW) == [kept(still(1))]
    assert await do(store, evidence.settle, "g1", [kept(still(1))], NOW) == []


async def test_what_is_nobodys_is_claimed_by_the_first(store: CountingDatabase) -> None:
    await do(store, evidence.ask, [still(1), still(1, "cam-2")], None, NOW)
    assert await do(store, evidence.claim, "g1", ["cam-2"], NOW, 10) == {still(1, "cam-2").key}
    assert await do(store, evidence.claim, "g2", ["cam-1", "cam-2"], NOW, 10) == {still(1).key}
    await do(store, evidence.hold, "g1", NOW)
    owed = await do(store, evidence.owed, "g1", NOW, NOW + timedelta(hours=1), 10)
    assert [one.still.camera for one in owed] == ["cam-2"]


async def test_old_stills_go_but_never_those_of_an_open_alarm(store: CountingDatabase) -> None:
    await raised(store, 1)
    await raised(store, 2, closed_at=NOW)
    await raised(store, 3, closed_at=NOW)
    await keep(store, 1, 2, 3)
    before = NOW + timedelta(seconds=3)
    assert await do(store, keeping.drop_old, before, 10, NOW - timedelta(seconds=1)) == 0
    assert await do(store, keeping.drop_old, before, 10, NOW) == 1
    assert await fates(store, 1, 2, 3) == ["kept", "dropping", "kept"]
    assert await do(store, keeping.drop_oldest, 10) == 1
    assert await fates(store, 1, 2, 3) == ["kept", "dropping", "dropping"]
    assert await do(store, keeping.is_kept, "ab" * 32)
    await do(store, keeping.dropped, "ab" * 32)
    assert await fates(store, 1, 2, 3) == ["kept", "dropped", "dropped"]
    assert await do(store, keeping.size_bytes) == 1000


async def test_what_is_to_go_is_found_without_reading_what_went_years_ago(
    store: CountingDatabase,
) -> None:
    asked: list[tuple[str, Any]] = []

    def plan(connection: Connection) -> str:
        said = "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            said = "EXPLAIN"
        event.listen(connection, "before_cursor_execute", lambda *of: asked.append(of[2:4]))
        keeping.dropping(connection, 10)
        statement, values = asked[0]
        return str(connection.exec_driver_sql(f"{said} {statement}", values).all())

    assert "ix_evidence_dropping" in await do(store, plan)


async def test_what_an_alarm_asked_is_forgotten_with_it(store: CountingDatabase) -> None:
    await raised(store, 1, closed_at=NOW)
    await keep(store, 1)
    assert await do(store, forgetting.alarms, NOW + timedelta(days=1), 10)
    assert await do(store, evidence.of_alarms, [still(1).alarm]) == {}
    assert await do(store, keeping.known, ["ab" * 32]) == set()


async def test_who_looked_is_kept_as_long_as_was_asked_for(store: CountingDatabase) -> None:
    looked = Access(
        at=NOW, who="aigerim", role="dispatcher", sha256="ab" * 32, alarm="a", gateway="g1"
    )
    for days in (0, 2):
        await do(store, access.note, replace(looked, at=NOW + timedelta(days=days)))
    assert len(await do(store, access.listed, "ab" * 32, 10)) == 2
    assert await do(store, forgetting.accesses, NOW + timedelta(days=1), 10) == 1
    (left,) = await do(store, access.listed, "ab" * 32, 10)
    assert left.at == NOW + timedelta(days=2)
