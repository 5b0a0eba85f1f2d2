"""Figures are counted in the store, of real alarms in the reader's districts alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, insert

from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.decision import Transition
from gateway.domain.event import Affected
from gateway.domain.figures import FalseAlarms
from gateway.domain.kind import Priority
from gateway.domain.period import Period
from gateway.store import alarms, figures, handled, schema, sites
from gateway.store.database import Database
from tests.domain.making import NOW, REGISTRY, later
from tests.harness.changed import replace
from tests.store.making import an_alarm, change, do

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2
HOUR = Period(since=NOW, until=later(3600))
ALL: frozenset[str] = frozenset()


async def raised(store: Database, *ones: Alarm) -> None:
    await do(store, alarms.save, [change(one, new=True) for one in ones])


async def stepped(store: Database, one: Alarm, *steps: tuple[str, float, str]) -> None:
    """Lines of its time line: what, how many seconds after it was raised, by whom."""
    lines = [
        replace(
            change(one, what, by),
            transition=Transition(
                alarm=one.id, what=what, before=one.state, after=one.state,
                at=one.raised_at + timedelta(seconds=after), by=by,
            ),
        )
        for what, after, by in steps
    ]  # fmt: skip
    await do(store, alarms.save, lines)


async def test_alarms_are_counted_by_ten_minutes_and_priority(store: Database) -> None:
    await raised(
        store,
        an_alarm(0),
        an_alarm(599),
        an_alarm(600, priority=P1),
        an_alarm(601, test=True),
        an_alarm(602, priority=Priority.P3),
        an_alarm(3600),
        an_alarm(3599, priority=P2),
    )
    found = await do(store, figures.raised, HOUR, ALL)
    assert found == {(0, P0): 2, (1, P1): 1, (5, P2): 1}


async def test_another_districts_alarms_count_for_nobody_who_does_not_see_it(
    store: Database,
) -> None:
    await raised(store, an_alarm(1), an_alarm(2, district="auezov"), an_alarm(3, district=None))
    assert await do(store, figures.raised, HOUR, frozenset({"medeu"})) == {(0, P0): 2}
    assert await do(store, figures.raised, HOUR, ALL) == {(0, P0): 3}


async def test_an_alarm_was_taken_by_the_first_who_took_it_up(store: Database) -> None:
    one, two, late, never = (an_alarm(key) for key in (1, 2, 3, 4))
    security = an_alarm(5, priority=P1)
    await raised(store, one, two, late, never, security, an_alarm(6, priority=P2))
    await stepped(store, one, ("repeat", 1, "button-1"), ("claim", 29.2, "a"), ("close", 90, "a"))
    await stepped(store, two, ("close", 30, "b"), ("claim", 31, "a"))
    await stepped(store, late, ("claim", 601, "a"))
    await stepped(store, never, ("note", 3, "a"), ("return", 4, "button-1"))
    await stepped(store, security, ("accepted", 60.5, "centre"))
    await stepped(store, an_alarm(6, priority=P2), ("claim", 5, "a"))
    found = await do(store, figures.taken, HOUR, ALL)
    assert found == {P0: {30: 2}, P1: {61: 1}}


async def test_what_was_raised_at_the_end_is_taken_after_the_end(store: Database) -> None:
    one, after = an_alarm(3599), an_alarm(3601)
    await raised(store, one, after)
    await stepped(store, one, ("claim", 20, "a"))
    await stepped(store, after, ("claim", 20, "a"))
    assert await do(store, figures.taken, HOUR, ALL) == {P0: {20: 1}}


async def test_the_sites_with_the_most_false_alarms_come_first(store: Database) -> None:
    false = {"state": State.NORMAL, "closed_at": NOW, "disposition": Disposition.FALSE}
    await raised(
        store,
        an_alarm(1, site="a", **false),
        an_alarm(2, site="b", **false),
        an_alarm(3, site="b", **false),
        an_alarm(4, site="b"),
        an_alarm(5, site="b", priority=P2, **false),
        an_alarm(6, site="c", state=State.NORMAL, disposition=Disposition.CONFIRMED),
        an_alarm(7, site=None, **false),
    )
    assert await do(store, figures.false_alarms, HOUR, ALL) == [
        FalseAlarms(site="b", false=2, raised=3),
        FalseAlarms(site="a", false=1, raised=1),
    ]
    assert await do(store, figures.false_alarms, HOUR, frozenset({"auezov"})) == []


def silent(key: int, ended: float | None, **more: object) -> Alarm:
    """A silence that began so many seconds after the hour, and ended."""
    closed_at = None if ended is None else later(ended)
    state = State.UNACKNOWLEDGED if ended is None else State.NORMAL
    plain = an_alarm(abs(key), kind="device.silent", priority=P2, state=state, closed_at=closed_at)
    return replace(plain, raised_at=later(key), **more)


async def test_silences_count_by_district_within_the_period(store: Database) -> None:
    await raised(
        store,
        silent(-600, 600),
        silent(60, 120),
        silent(3000, None),
        silent(-7200, -1),
        silent(3700, None),
        silent(-100_000, None, district="auezov", kind="camera.unreachable"),
        silent(90, 100, test=True),
        silent(91, 101, kind="battery.low"),
    )
    found = await do(store, figures.silences, HOUR, ALL)
    assert found.alone == {
        "medeu": (timedelta(seconds=600 + 60 + 600), 3),
        "auezov": (timedelta(hours=1), 1),
    }
    assert found.together == []
    only = await do(store, figures.silences, HOUR, frozenset({"auezov"}))
    assert set(only.alone) == {"auezov"}


async def test_the_silence_of_a_whole_site_ends_when_it_was_heard_again(store: Database) -> None:
    whole = silent(
        0, 3000, kind="site.silent", priority=P1, affected=Affected(devices=7, of_devices=9)
    )
    await raised(store, whole)
    await stepped(store, whole, ("return", 600, "site-12"))
    (found,) = (await do(store, figures.silences, HOUR, ALL)).together
    assert (found.devices, found.began_at, found.ended_at) == (7, NOW, later(600))


async def test_a_districts_devices_are_counted_with_those_that_are_silent_now(
    store: Database,
) -> None:
    everything = (REGISTRY.sites, REGISTRY.zones, REGISTRY.devices)
    await do(store, sites.put, *(list(part.values()) for part in everything))
    quiet = {"device": "button-1", "link": "b1", "online": False, "said": "{}", "silent_at": NOW}
    states = schema.device_states
    await do(store, lambda c: c.execute(insert(states), {**quiet, "written_at": NOW}))
    assert await do(store, figures.devices, ALL) == {"medeu": (len(REGISTRY.devices), 1)}
    assert await do(store, figures.devices, frozenset({"nowhere"})) == {}


async def test_a_shifts_alarms_are_listed_with_who_took_them_up_first(store: Database) -> None:
    one, two = an_alarm(9), an_alarm(5, priority=P1)
    await raised(store, two, one)
    await stepped(store, one, ("acknowledge", 4, "a"), ("claim", 8, "b"))
    page = await do(store, handled.within, HOUR, ALL, 1)
    assert not page.is_all
    (found,) = page.items
    assert (found.alarm.id, found.taken_by, found.after) == (one.id, "a", timedelta(seconds=4))
    rest = await do(store, handled.within, HOUR, ALL, 2)
    assert rest.is_all
    assert rest.items[1].taken_by is None


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (figures.raised, "COVERING INDEX ix_alarms_raised_at"),
        (figures.taken, "COVERING INDEX ix_transitions_taking"),
        (figures.false_alarms, "INDEX ix_alarms_false"),
        (figures.silences, "COVERING INDEX ix_alarms_silent"),
    ],
)
async def test_no_figure_reads_every_alarm_there_ever_was(
    kind: str, store: Database, asked: Callable[..., object], index: str
) -> None:
    if kind != "sqlite":
        pytest.skip("PostgreSQL plans by what it has counted; ADR 0106 has its figures")

    def explained(connection: Connection) -> list[str]:
        said: list[tuple[str, object]] = []

        def hear(*told: object) -> None:
            said.append((str(told[2]), told[3]))

        event.listen(connection, "before_cursor_execute", hear)
        asked(connection, HOUR, frozenset({"medeu"}))
        event.remove(connection, "before_cursor_execute", hear)
        return [
            str(row[3])
            for sql, values in said
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
        ]

    plan = await do(store, explained)
    assert [step for step in plan if index in step], plan
    assert not [step for step in plan if step.startswith("SCAN") and "anon" not in step]
