"""Leases of cameras between gateways: a share each, and what nobody takes."""

from collections.abc import AsyncIterator

import pytest

from gateway.store import leases, migrate
from gateway.store.database import Database, Urgency, open_database
from gateway.watch import shares
from gateway.watch.holding import Holding
from tests.harness.clock import PushedClock

CAMERAS = frozenset(f"c{number}" for number in range(10))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    """An empty database of a region."""
    migrate.prepare(database_url)
    opened = open_database(database_url)
    yield opened
    await opened.close()


def holding(store: Database, clock: PushedClock, name: str) -> Holding:
    """That gateway's leases; it knows of another one that lives."""
    other = "g2" if name == "g1" else "g1"
    return Holding(
        gateway=name, database=store, clock=clock, is_alone=False, peers=lambda: (other,)
    )


async def test_cameras_that_a_living_gateway_does_not_take_are_taken_beyond_the_share(
    store: Database, pushed_clock: PushedClock
) -> None:
    mine = holding(store, pushed_clock, "g1")
    assert len(await mine.turn(CAMERAS)) == 5
    for _ in range(4):
        await pushed_clock.push(shares.TURN_S)
        assert len(await mine.turn(CAMERAS)) == 5
    await pushed_clock.push(shares.FREE_S)
    assert set(await mine.turn(CAMERAS)) == CAMERAS
    await pushed_clock.push(shares.TURN_S)
    assert set(await mine.turn(CAMERAS)) == CAMERAS  # they are not handed to and fro
    await pushed_clock.push(shares.KEEP_S)
    assert len(await mine.turn(CAMERAS)) < len(CAMERAS)
    assert len(await holding(store, pushed_clock, "g2").turn(CAMERAS)) > 0


async def test_what_is_free_for_a_moment_is_left_to_the_other(
    store: Database, pushed_clock: PushedClock
) -> None:
    mine, theirs = (holding(store, pushed_clock, name) for name in ("g1", "g2"))
    assert len(await mine.turn(CAMERAS)) == len(await theirs.turn(CAMERAS)) == 5
    for number in range(10):
        given = sorted(theirs.tokens)[number % 5]
        await store.write(
            lambda c, one=given: leases.release(c, "g2", [leases.camera(one)]),  # type: ignore[misc]
            Urgency.STEP,
        )
        await pushed_clock.push(shares.TURN_S)
        assert len(await mine.turn(CAMERAS)) == 5
        assert len(await theirs.turn(CAMERAS)) == 5


def test_a_dead_gateways_cameras_are_free_and_taken_within_half_a_minute() -> None:
    assert shares.LASTS.total_seconds() + shares.TURN_S <= 25
    assert shares.LASTS.total_seconds() >= 3 * shares.TURN_S  # two turns may fail
