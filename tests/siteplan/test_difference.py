"""What a site file changes, and how it is written."""

from datetime import UTC, datetime
from typing import TypeVar

import pytest

from gateway import siteplan
from gateway.domain.site import Device, Registry
from gateway.siteplan import WouldMove, tomlfile
from gateway.siteplan.difference import SLICE_ROWS
from gateway.store import sites
from gateway.store.database import Database, Urgency, Work
from tests.siteplan.files import GATE, HALL, TURN, plan, registered
from tests.siteplan.test_tomlfile import PLACED, SCHOOL

T = TypeVar("T")
PROVEN_AT = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)


class _Watched:
    """A database that tells how each write was asked for, and lets others write in between."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect = database.dialect
        self.urgencies: list[Urgency] = []
        self.before_second: Work[None] | None = None

    async def write(self, work: Work[T], urgency: Urgency) -> T:
        if len(self.urgencies) == 1 and self.before_second is not None:
            await self._database.write(self.before_second, Urgency.STEP)
        self.urgencies.append(urgency)
        return await self._database.write(work, urgency)

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(work)

    async def close(self) -> None:
        await self._database.close()


async def _proven(database: Database) -> Device:
    await siteplan.apply(database, plan(GATE, TURN), move=False)
    await database.write(lambda c: sites.prove(c, "b-1", PROVEN_AT), Urgency.STEP)
    return (await registered(database)).devices["b-1"]


def test_everything_is_new_to_an_empty_registry() -> None:
    difference = siteplan.compare(plan(GATE, HALL, TURN), Registry())
    assert difference.new == {"sites": 2, "zones": 2, "devices": 3}
    assert difference.words[0] == "new      site s1 (Школа)"
    assert difference.words[-1] == "new      device t-1 (turnstile, site s2)"


async def test_a_file_that_was_applied_changes_nothing_again(database: Database) -> None:
    await siteplan.apply(database, plan(GATE, HALL, TURN), move=False)
    again = siteplan.compare(plan(GATE, HALL, TURN), await registered(database))
    assert again.is_empty
    assert again.unchanged == {"sites": 2, "zones": 2, "devices": 3}


async def test_a_changed_field_is_told_with_what_it_was(database: Database) -> None:
    await siteplan.apply(database, plan(GATE), move=False)
    changed = plan(GATE.replace(",,,A", ",10.0.0.9,,A"))
    (line,) = siteplan.compare(changed, await registered(database)).words
    assert line == "changed  device b-1 (panic-button, site s1): host nothing → 10.0.0.9"


async def test_csv_leaves_what_it_cannot_say_as_it_is(database: Database) -> None:
    await siteplan.apply(database, tomlfile.read(SCHOOL, "school.toml"), move=False)
    row = "s1,Мектеп,Новая,,Talgar,,43.25,76.95,box-1,panic-button,gate,,,"
    await siteplan.apply(database, plan(row), move=False)
    registry = await registered(database)
    assert registry.sites["s1"].name.ru == "Новая"
    assert registry.sites["s1"].phones == ("+7 727 000 00 01",)
    assert registry.devices["box-1"].silent
    assert registry.zones["s1", "gate"].name.en == "Entrance"


async def test_a_device_is_moved_only_when_somebody_says_so(database: Database) -> None:
    before = await _proven(database)
    elsewhere = plan(TURN, TURN.replace("t-1,turnstile", "b-1,panic-button"))
    with pytest.raises(WouldMove, match="b-1 from s1 to s2"):
        await siteplan.apply(database, elsewhere, move=False)
    assert (await registered(database)).devices["b-1"] == before


async def test_a_device_that_was_moved_is_unproven(database: Database) -> None:
    assert (await _proven(database)).proven_at == PROVEN_AT
    elsewhere = plan(TURN, TURN.replace("t-1,turnstile", "b-1,panic-button"))
    await siteplan.apply(database, elsewhere, move=True)
    moved = (await registered(database)).devices["b-1"]
    assert (moved.site, moved.proven_at) == ("s2", None)


async def test_a_mark_on_a_plan_goes_when_csv_hangs_the_device_elsewhere(
    database: Database,
) -> None:
    await siteplan.apply(database, tomlfile.read(PLACED, "school.toml"), move=False)
    row = "s1,Мектеп,Школа,,Talgar,,43.25,76.95,box-1,panic-button,{},,,"
    await siteplan.apply(database, plan(row.format("gate")), move=False)
    assert (await registered(database)).devices["box-1"].at == (0.42, 0.7)
    await siteplan.apply(database, plan(row.format("attic")), move=False)
    assert (await registered(database)).devices["box-1"].at is None


async def test_a_device_that_stays_stays_proven_when_the_file_comes_again(
    database: Database,
) -> None:
    await _proven(database)
    await siteplan.apply(database, plan(GATE.replace(",,,A", ",,,B"), TURN), move=False)
    assert (await registered(database)).devices["b-1"].proven_at == PROVEN_AT


async def test_sixteen_thousand_rows_go_in_slices_behind_everything_else(
    database: Database,
) -> None:
    watched = _Watched(database)
    big = plan(*(GATE.replace("b-1", f"b-{number}") for number in range(16_000)))
    await siteplan.apply(watched, big, move=False)
    assert set(watched.urgencies) == {Urgency.BULK}
    assert len(watched.urgencies) == 2 + 16_000 // SLICE_ROWS
    assert len((await registered(database)).devices) == 16_000


async def test_a_walk_test_during_an_import_is_not_overwritten(database: Database) -> None:
    rows = [GATE.replace("b-1", f"b-{number}") for number in range(400)]
    await siteplan.apply(database, plan(*rows), move=False)
    watched = _Watched(database)
    watched.before_second = lambda c: sites.prove(c, "b-399", PROVEN_AT)
    await siteplan.apply(watched, plan(*(r.replace(",,,A", ",,,B") for r in rows)), move=False)
    late = (await registered(database)).devices["b-399"]
    assert (late.profile, late.proven_at) == ("B", PROVEN_AT)
