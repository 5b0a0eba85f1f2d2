"""Holding an alarm: one holder each, kept by signs of life, taken over, agreed away, ticked."""

import asyncio
import contextlib
from collections import Counter
from pathlib import Path

import pytest

from gateway import commission, operate
from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.errors import Claimed, Incomplete, NotYours, Stale, StepRefused
from gateway.domain.operator import Operator
from gateway.domain.steps import CLAIM_LASTS, LINGERS, SIGN, Response, ResponseState
from gateway.store import migrate
from gateway.upkeep import BACK_WITHIN_S, TICK_S, Upkeep
from tests.harness import waiting
from tests.operate.bench import AIGERIM, BOLAT, CENTRE, SUPERVISOR, Bench, bench

TIMES = 1000


def upkeep(at: Bench) -> Upkeep:
    return Upkeep(
        desk=at.desk,
        stuck={},
        voice=lambda *_: None,
        end_window=commission.end,
        committed=lambda: None,
    )


async def _claimed_at_once(one: Bench, two: Bench) -> Counter[str]:
    """Both claim each of many alarms at once: who won how often, by what the store holds."""
    keys = [await one.raised(n) for n in range(1, TIMES + 1)]
    won = Counter[str]()

    async def claim(at: Bench, operator: Operator, key: str) -> None:
        try:
            after = await operate.claim(at.desk, operator, key)
        except Claimed as lost:
            won["lost to " + lost.by] += 1
        else:
            assert after.claimed_by == operator.name
            won[operator.name] += 1

    for key in keys:
        await asyncio.gather(claim(one, AIGERIM, key), claim(two, BOLAT, key))
    held = [await one.alarm(key) for key in keys]
    assert Counter(str(alarm.claimed_by) for alarm in held) == Counter(
        {name: won[name] for name in ("aigerim", "bolat") if won[name]}
    )
    lines = [await one.line(key) for key in keys]
    assert {sum(step.what == "claim" for step in line) for line in lines} == {1}
    return won


@pytest.mark.timeout(300)
async def test_of_two_who_claim_at_once_exactly_one_wins_a_thousand_times(at: Bench) -> None:
    won = await _claimed_at_once(at, at)
    assert won["aigerim"] + won["bolat"] == TIMES
    assert won["lost to aigerim"] + won["lost to bolat"] == TIMES


@pytest.mark.servers
@pytest.mark.timeout(300)
async def test_of_two_who_claim_at_two_gateways_exactly_one_wins_a_thousand_times(
    tmp_path: Path, database_url: str
) -> None:
    migrate.prepare(database_url)
    async with bench(tmp_path, database_url) as one, bench(tmp_path, database_url) as two:
        won = await _claimed_at_once(one, two)
    assert won["aigerim"] + won["bolat"] == TIMES
    assert won["lost to aigerim"] + won["lost to bolat"] == TIMES


async def test_the_second_reads_who_has_it_and_since_when_also_after_signs_of_life(
    at: Bench,
) -> None:
    key = await at.raised()
    await operate.claim(at.desk, AIGERIM, key, has_stream=True)
    for _ in range(4):
        await at.clock.push(SIGN)
        await operate.signs_of_life(at.desk, ["aigerim"])
    with pytest.raises(Claimed, match="taken by aigerim 12 s ago"):
        await operate.claim(at.desk, BOLAT, key)


async def _after_a_while(at: Bench, turn: Upkeep, key: str, seconds: float) -> Alarm:
    await at.clock.push(seconds)
    await turn.once()
    return await at.alarm(key)


async def test_a_claim_lapses_twenty_seconds_after_the_last_stream_has_ended(at: Bench) -> None:
    key, turn = await at.raised(), upkeep(at)
    await turn.once()
    await operate.claim(at.desk, AIGERIM, key, has_stream=True)
    for _ in range(30):  # far beyond what a claim without signs of life lasts
        await at.clock.push(SIGN)
        await operate.signs_of_life(at.desk, ["aigerim"])
        await turn.once()
    assert (await at.alarm(key)).state is State.ACKNOWLEDGED
    await operate.signs_of_life(at.desk, [], ["aigerim"])
    assert (await _after_a_while(at, turn, key, 19)).state is State.ACKNOWLEDGED
    after = await _after_a_while(at, turn, key, LINGERS.total_seconds() - 19)
    assert (after.state, after.claimed_by) == (State.UNACKNOWLEDGED, None)


async def test_a_claim_whose_gateway_was_killed_too_lapses_within_25_seconds(at: Bench) -> None:
    key, turn = await at.raised(), upkeep(at)
    await turn.once()
    await operate.claim(at.desk, AIGERIM, key, has_stream=True)
    after = await _after_a_while(at, turn, key, 24)
    assert after.state is State.UNACKNOWLEDGED


async def test_a_claim_without_a_page_lasts_two_minutes_after_each_step_on_it(at: Bench) -> None:
    key, turn = await at.raised(), upkeep(at)
    await turn.once()
    await operate.claim(at.desk, AIGERIM, key)
    assert (await _after_a_while(at, turn, key, 119)).state is State.ACKNOWLEDGED
    await operate.add_note(at.desk, AIGERIM, key, "I am calling them")
    assert (await _after_a_while(at, turn, key, 119)).state is State.ACKNOWLEDGED
    await operate.add_note(at.desk, BOLAT, key, "I am not its holder")
    after = await _after_a_while(at, turn, key, 1)
    assert (after.state, after.claimed_by) == (State.UNACKNOWLEDGED, None)


async def test_a_claim_does_not_lapse_once_somebody_said_what_is_done(at: Bench) -> None:
    key, turn = await at.raised(), upkeep(at)
    await turn.once()
    await operate.claim(at.desk, AIGERIM, key)
    said = Response(id="r1", state=ResponseState.DISPATCHED)
    await operate.respond(at.desk, CENTRE, key, said)
    assert (await _after_a_while(at, turn, key, 900)).claimed_by == "aigerim"


async def test_one_that_asks_again_does_not_stay_with_a_holder_who_is_gone(at: Bench) -> None:
    turn = upkeep(at)
    await turn.once()
    gone = {"claimed_by": "aigerim", "claimed_until": at.clock.now(), "responded": "accepted"}
    asks = await at.raised(1, **gone)
    acted = await at.raised(2, state=State.ACKNOWLEDGED, **gone)
    after = await _after_a_while(at, turn, asks, BACK_WITHIN_S)
    assert (after.state, after.claimed_by) == (State.UNACKNOWLEDGED, None)
    assert (await at.alarm(acted)).claimed_by == "aigerim"


async def test_after_a_start_nobody_loses_a_claim_before_their_page_could_come_back(
    at: Bench,
) -> None:
    key, turn = await at.raised(), upkeep(at)
    await operate.claim(at.desk, AIGERIM, key)
    await at.clock.push(CLAIM_LASTS)
    await turn.once()
    assert (await at.alarm(key)).state is State.ACKNOWLEDGED
    after = await _after_a_while(at, turn, key, BACK_WITHIN_S)
    assert after.state is State.UNACKNOWLEDGED


async def _rounds(at: Bench, seconds: float) -> None:
    """Its tick looks twice a second for so long."""
    for _ in range(int(seconds / TICK_S)):
        await at.clock.push(TICK_S)
        await waiting.until(lambda: at.clock.sleepers, what="the round is over")


@pytest.mark.parametrize("is_back", [True, False])
async def test_after_the_gateway_itself_stood_still_a_holder_has_time_to_say_they_are_there(
    at: Bench, *, is_back: bool
) -> None:
    key = await at.raised()
    ticking = asyncio.create_task(upkeep(at).tick())
    await waiting.until(lambda: at.clock.sleepers, what="it looks")
    await _rounds(at, BACK_WITHIN_S + 1)
    await operate.claim(at.desk, AIGERIM, key, has_stream=True)
    at.clock.freeze(30)
    await _rounds(at, BACK_WITHIN_S - 1)
    assert (await at.alarm(key)).claimed_by == "aigerim"
    if is_back:
        await operate.signs_of_life(at.desk, ["aigerim"])
    await _rounds(at, 2)
    assert (await at.alarm(key)).claimed_by == ("aigerim" if is_back else None)
    ticking.cancel()


async def test_a_supervisor_takes_over_and_only_on_what_they_saw(at: Bench) -> None:
    key = await at.raised()
    held = await operate.claim(at.desk, AIGERIM, key)
    with pytest.raises(NotYours):
        await operate.take_over(at.desk, BOLAT, key, held.version)
    with pytest.raises(Stale):
        await operate.take_over(at.desk, SUPERVISOR, key, held.version - 1)
    after = await operate.take_over(at.desk, SUPERVISOR, key, held.version)
    again = await operate.take_over(at.desk, SUPERVISOR, key, held.version)
    assert after.claimed_by == again.claimed_by == "saule"
    assert after.version == again.version
    assert [one.what for one in await at.line(key)] == ["raise", "claim", "take_over"]
    assert await at.notices(key) == ["raised", "acknowledged", "acknowledged"]
    with pytest.raises(Claimed, match="saule"):
        await operate.claim(at.desk, AIGERIM, key)


async def test_who_holds_it_agrees_to_the_centres_closing(at: Bench) -> None:
    key = await at.raised()
    await operate.claim(at.desk, AIGERIM, key)
    said = Response(id="r1", state=ResponseState.CLOSED, disposition=Disposition.FALSE)
    shown = await operate.respond(at.desk, CENTRE, key, said)
    with pytest.raises(NotYours):
        await operate.agree(at.desk, BOLAT, key, shown.version)
    after = await operate.agree(at.desk, AIGERIM, key, shown.version)
    again = await operate.agree(at.desk, AIGERIM, key, shown.version)
    assert (after.state, after.disposition) == (State.NORMAL, Disposition.FALSE)
    assert again.version == after.version
    with contextlib.suppress(StepRefused):
        await operate.agree(at.desk, AIGERIM, key, after.version)
    assert await at.notices(key) == ["raised", "acknowledged", "closed"]


async def test_a_step_of_the_procedure_is_a_line_once_and_can_be_taken_back(at: Bench) -> None:
    key = await at.raised()
    for done in (True, True, False, False, True):
        await operate.tick(at.desk, AIGERIM, key, "call_school", done=done)
    await operate.tick(at.desk, BOLAT, key, "send_patrol")
    lines = [one for one in await at.line(key) if one.what == "procedure"]
    assert [(one.by, one.data["step"], one.data["done"]) for one in lines] == [
        ("aigerim", "call_school", True),
        ("aigerim", "call_school", False),
        ("aigerim", "call_school", True),
        ("bolat", "send_patrol", True),
    ]
    assert await at.notices(key) == ["raised"]


@pytest.mark.parametrize("how", [Disposition.CONFIRMED, Disposition.FALSE])
@pytest.mark.parametrize("note", [None, "  "])
async def test_a_person_closes_as_confirmed_or_false_only_with_a_note(
    at: Bench, how: Disposition, note: str | None
) -> None:
    key = await at.raised()
    said = Response(id="r1", state=ResponseState.CLOSED, disposition=how, note=note)
    with pytest.raises(Incomplete, match="needs a note"):
        await operate.close(at.desk, AIGERIM, key, 1, how, note)
    with pytest.raises(Incomplete, match="needs a note"):
        await operate.respond(at.desk, AIGERIM, key, said)
    assert (await operate.respond(at.desk, CENTRE, key, said)).disposition is how


async def test_a_person_closes_as_suspicious_test_or_fault_without_a_note(at: Bench) -> None:
    ways = (Disposition.SUSPICIOUS, Disposition.TEST, Disposition.DEVICE_FAULT)
    for n, how in enumerate(ways):
        key = await at.raised(n)
        assert (await operate.close(at.desk, AIGERIM, key, 1, how)).disposition is how
