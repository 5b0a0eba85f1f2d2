"""The centre closes what a person holds: it is shown, and ends when they agree or by time."""

import contextlib
from pathlib import Path

from gateway import commission, operate
from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.steps import AGREES_WITHIN, Response, ResponseState
from gateway.upkeep import Upkeep
from tests.domain.making import NOW
from tests.operate.bench import AIGERIM, CENTRE, Bench, bench

FALSE = Response(id="r1", state=ResponseState.CLOSED, disposition=Disposition.FALSE)


async def _held(at: Bench) -> Alarm:
    """An alarm that a person holds and the centre has closed."""
    key = await at.raised()
    await operate.claim(at.desk, AIGERIM, key)
    return await operate.respond(at.desk, CENTRE, key, FALSE)


def _upkeep(at: Bench) -> Upkeep:
    return Upkeep(
        desk=at.desk,
        stuck={},
        voice=lambda *_: None,
        end_window=commission.end,
        committed=lambda: None,
    )


async def test_a_centres_closing_waits_while_a_person_holds_the_alarm(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        shown = await _held(at)
        assert (shown.state, shown.closing_as) == (State.ACKNOWLEDGED, Disposition.FALSE)
        assert await at.notices(shown.id) == ["raised", "acknowledged"]


async def test_a_holder_who_agrees_closes_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        shown = await _held(at)
        after = await operate.close(
            at.desk, AIGERIM, shown.id, shown.version, Disposition.CONFIRMED, "a fight"
        )
        assert (after.disposition, after.closing_as) == (Disposition.CONFIRMED, None)


async def test_what_was_gathered_is_told_before_anybody_closes_the_alarm(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        key = await at.raised(repeats_owed=("e7", "e8"), repeats_due_at=NOW)
        version = (await at.alarm(key)).version
        await operate.close(at.desk, AIGERIM, key, version, Disposition.FALSE, "a child")
        assert await at.notices(key) == ["raised", "repeated", "closed"]
        assert b'"event_ids":["e7","e8"]' in at.owed[-2].body


async def test_what_was_gathered_is_told_before_time_closes_the_alarm(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        key = await at.raised(
            repeats_owed=("e7",),
            repeats_due_at=at.clock.now() + 2 * AGREES_WITHIN,
            closing_as=Disposition.FALSE,
            closing_due_at=at.clock.now(),
        )
        await _upkeep(at).once()
        assert await at.notices(key) == ["raised", "repeated", "closed"]


async def test_a_holder_who_says_nothing_has_agreed_after_two_minutes(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        shown = await _held(at)
        upkeep = _upkeep(at)
        await upkeep.once()
        assert (await at.alarm(shown.id)).is_open
        await at.clock.push(AGREES_WITHIN.total_seconds() + 1)
        with contextlib.suppress(TimeoutError):
            await upkeep.once()
        after = await at.alarm(shown.id)
        assert (after.is_open, after.disposition) == (False, Disposition.FALSE)
        assert (await at.notices(shown.id))[-1] == "closed"
