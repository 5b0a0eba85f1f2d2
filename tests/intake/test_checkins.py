"""Check-ins: what they change is told once, also where a commit's word was lost or two heard it."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.signal import CheckIn, Lane
from gateway.domain.alarm import State
from gateway.store import device_states
from gateway.store.database import open_database
from tests.domain.making import NOW
from tests.harness import waiting
from tests.intake import bench
from tests.intake.bench import Bench

BUTTON = "button-1"


def said(**content: object) -> CheckIn:
    """Its word at that moment, as it stands at that broker."""
    return CheckIn(link="b1", device=BUTTON, received_at=NOW, online=True, content=content)


OPENED, CLOSED = said(tamper=True), said(tamper=False)
LOW, FULL = said(battery=10), said(battery=90)
SAID = {
    "opened, closed": ([OPENED, CLOSED], "tamper.opened", State.RETURNED, 1),
    "closed, opened": ([CLOSED, OPENED], "tamper.opened", State.UNACKNOWLEDGED, 1),
    "twice": ([OPENED, CLOSED, OPENED, CLOSED], "tamper.opened", State.RETURNED, 2),
    "and open": ([OPENED, CLOSED, OPENED], "tamper.opened", State.UNACKNOWLEDGED, 2),
    "full, low": ([FULL, LOW], "battery.low", State.UNACKNOWLEDGED, 1),
    "low, full, low": ([LOW, FULL, LOW], "battery.low", State.UNACKNOWLEDGED, 1),
}
"""What is said, and the kind, the state and the count of the alarm that it ends in."""


async def shown(running: Bench, kind: str) -> tuple[State, int, int]:
    """The state and the count of the last alarm of a kind, and how many there are."""
    found = [one for one in await running.alarms() if one.kind == kind]
    return found[-1].state, found[-1].count, len(found)


async def tried_until_answered(running: Bench, count: int) -> None:
    """Push the clock whenever the intake waits to try again, until so many are answered."""

    async def are_answered() -> bool:
        if running.clock.sleepers:
            await running.clock.push(1)
        return len(running.receipts) >= count

    await waiting.until(are_answered, what=f"{count} answers")
    assert running.database.lost_words == 0


@pytest.mark.parametrize("losses", [0, 1, 2])
@pytest.mark.parametrize("case", SAID)
async def test_the_alarm_is_as_the_last_word_and_nothing_is_refused(
    tmp_path: Path, either_url: str | None, case: str, losses: int
) -> None:
    signals, kind, state, count = SAID[case]
    async with bench.bench(tmp_path, url=either_url) as running:
        running.database.lost_words = losses
        running.hear(*signals)
        await tried_until_answered(running, len(signals))
        assert [one.refused for one in running.receipts] == [None] * len(signals)
        assert (await shown(running, kind))[:2] == (state, count)
        rows = await running.rows(Lane.EVENT)
        assert len({row[0] for row in rows}) == len(rows)
        facts = await running.database.read(
            lambda c: device_states.facts_of(c, [BUTTON], hold=False)
        )
        stands = state is State.UNACKNOWLEDGED
        assert stands in {facts[BUTTON].opened, facts[BUTTON].low}


@pytest.mark.parametrize("before", [OPENED, CLOSED])
@pytest.mark.parametrize("after", [OPENED, CLOSED])
async def test_what_is_said_after_a_lost_word_is_looked_at(
    tmp_path: Path, either_url: str | None, before: CheckIn, after: CheckIn
) -> None:
    """Memory stands as the store does, or the next word would seem to say nothing new."""
    other = CLOSED if before is OPENED else OPENED
    async with bench.bench(tmp_path, url=either_url) as running:
        await running.answered(before)
        running.database.lost_words = 1
        running.hear(other)
        await tried_until_answered(running, 2)
        await running.answered(after)
        facts = await running.database.read(
            lambda c: device_states.facts_of(c, [BUTTON], hold=False)
        )
        assert running.intake.memory.facts[BUTTON] == facts[BUTTON]
        state, _, _ = await shown(running, "tamper.opened")
        assert state is (State.UNACKNOWLEDGED if after is OPENED else State.RETURNED)


async def test_a_word_said_twice_in_one_moment_counts_in_two_batches_too(
    tmp_path: Path, either_url: str | None
) -> None:
    async with bench.bench(tmp_path, url=either_url) as running:
        for signals in ([OPENED], [CLOSED], [OPENED]):
            receipts = await running.answered(*signals)
            assert [one.refused for one in receipts] == [None]
        assert await shown(running, "tamper.opened") == (State.UNACKNOWLEDGED, 2, 1)


async def test_two_gateways_that_hear_it_of_one_moment_leave_the_alarm_as_the_last_word(
    tmp_path: Path,
) -> None:
    store = open_database(f"sqlite:///{tmp_path / 'both.db'}")
    await bench.settle(store)
    async with AsyncExitStack() as stack:
        for name in ("g1", "g2"):
            one = bench.bench(tmp_path, gateway=name, real=store)
            running = await stack.enter_async_context(one)
            receipts = await running.answered(CLOSED, OPENED)
            assert [one.refused for one in receipts] == [None, None]
            state, _, alarms = await shown(running, "tamper.opened")
            assert (state, alarms) == (State.UNACKNOWLEDGED, 1)
