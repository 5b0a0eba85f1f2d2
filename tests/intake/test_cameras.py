"""What lasts on a camera is stored with the event that says so, under the lease of its link."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.signal import Condition, Spoken
from gateway.store import camera_conditions, leases, migrate
from gateway.store.camera_conditions import Known
from gateway.store.database import Urgency
from tests.domain.making import CAMERA, WIRED, spoken
from tests.harness.changed import replace
from tests.harness.clock import PushedClock
from tests.intake import bench as benches
from tests.intake.bench import Bench

KEY = "input:1"
LASTS = timedelta(seconds=10)


def said(kind: str, key: str, *, by: str = WIRED.id, id: str = "e1") -> Spoken:  # noqa: A002
    """A camera's word on something that lasts."""
    active = kind in {"input.activated", "tamper.opened"}
    one = spoken(kind, by, id=id, adapter=True, at=PushedClock().now())
    return replace(one, condition=Condition(key=key, active=active))


async def known(one: Bench, device: str = WIRED.id) -> Mapping[str, Known]:
    found = await one.database.read(lambda c: camera_conditions.of(c, [device]))
    return found.get(device, {})


async def test_what_began_is_known_with_its_alarm_and_what_ended_too(tmp_path: Path) -> None:
    async with benches.bench(tmp_path) as one:
        await one.answered(said("input.activated", KEY))
        assert await known(one) == {KEY: Known(active=True, event_id="e1")}
        assert [alarm.kind for alarm in await one.alarms()] == ["panic.pressed"]
        await one.answered(said("input.cleared", KEY, id="e2"))
        assert await known(one) == {KEY: Known(active=False, event_id="e2")}


async def test_a_device_that_speaks_itself_has_no_such_rows(tmp_path: Path) -> None:
    async with benches.bench(tmp_path) as one:
        await one.answered(replace(said("input.activated", KEY), by_adapter=False))
        assert await known(one) == {}


async def test_of_two_turns_in_one_batch_the_last_is_known(tmp_path: Path) -> None:
    async with benches.bench(tmp_path) as one:
        turns = [said("input.activated", KEY), said("input.cleared", KEY, id="e2")]
        await one.answered(*turns)
        assert await known(one) == {KEY: Known(active=False, event_id="e2")}


def turns(first: int, until: int) -> list[Spoken]:
    """A contact that chatters: closed, opened, closed, in one moment."""
    kinds = ("input.activated", "input.cleared")
    return [said(kinds[n % 2], KEY, id=f"e{n}") for n in range(first, until)]


async def chatters(one: Bench) -> None:
    """The last word of each batch is only counted, and is what is known all the same."""
    for first, until, active in ((0, 35, True), (35, 36, False), (36, 39, True), (39, 40, False)):
        await one.answered(*turns(first, until))
        assert await known(one) == {KEY: Known(active=active, event_id=f"e{until - 1}")}
    assert sum(folded for *_, folded in await one.rows()) > 0


async def test_the_last_word_of_a_flood_is_known_though_it_is_folded(tmp_path: Path) -> None:
    async with benches.bench(tmp_path) as one:
        await chatters(one)


@pytest.mark.servers
async def test_the_last_word_of_a_flood_is_known_on_postgresql_under_its_lease(
    tmp_path: Path, database_url: str
) -> None:
    migrate.prepare(database_url)
    async with benches.bench(tmp_path, url=database_url) as one:
        one.intake.memory.leases = {WIRED.id: await held(one, "g1", WIRED.id)}
        await chatters(one)
        await held(one, "g2", WIRED.id)
        await one.answered(*turns(40, 41))
        assert await known(one) == {KEY: Known(active=False, event_id="e39")}


async def held(one: Bench, holder: str, device: str) -> int:
    """That gateway's lease of a camera's link."""
    name, now = leases.camera(device), one.clock.now()

    def work(connection: object) -> int:
        # The database gives a Connection; what this file knows of it is only that.
        return leases.take(connection, holder, [name], now, -LASTS)[name]  # type: ignore[arg-type]

    return await one.database.real.write(work, Urgency.STEP)


@pytest.mark.servers
async def test_a_gateway_that_lost_the_link_raises_what_it_heard_and_ends_nothing(
    tmp_path: Path, database_url: str
) -> None:
    migrate.prepare(database_url)
    async with benches.bench(tmp_path, url=database_url) as one:
        tokens = {str(device): await held(one, "g1", device) for device in (WIRED.id, CAMERA.id)}
        one.intake.memory.leases = tokens
        await one.answered(said("tamper.opened", "tamper", by=CAMERA.id))
        await held(one, "g2", CAMERA.id)
        await held(one, "g2", WIRED.id)
        answers = await one.answered(
            said("tamper.closed", "tamper", by=CAMERA.id, id="e2"), said("input.activated", KEY)
        )
        assert sorted(str(answer.refused) for answer in answers) == ["None", "fenced"]
        opened = {alarm.kind for alarm in await one.alarms() if alarm.is_open}
        assert opened == {"tamper.opened", "panic.pressed"}
        assert await known(one, CAMERA.id) == {"tamper": Known(active=True, event_id="e1")}
        assert await known(one) == {}
        assert [row.reason for row in await one.quarantined()] == ["fenced"]


@pytest.mark.servers
async def test_under_an_older_lease_nothing_is_written_over(
    tmp_path: Path, database_url: str
) -> None:
    migrate.prepare(database_url)
    async with benches.bench(tmp_path, url=database_url) as one:
        one.intake.memory.leases = {WIRED.id: await held(one, "g1", WIRED.id)}
        await one.answered(said("input.activated", KEY))
        found = await one.database.real.write(
            lambda c: camera_conditions.take_over(c, {WIRED.id: 7, "other": 1}),
            Urgency.STEP,
        )
        assert found == {WIRED.id: {KEY: Known(active=True, event_id="e1")}}
        await one.answered(said("input.cleared", KEY, id="e2"))
        assert await known(one) == {KEY: Known(active=True, event_id="e1")}
