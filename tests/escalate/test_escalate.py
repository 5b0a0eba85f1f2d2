"""What climbs, who is called, and that an acknowledgement ends it in its own transaction."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway import operate
from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.consoles import Console
from gateway.domain.escalation import Ladder
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator
from gateway.domain.steps import Response, ResponseState
from gateway.escalate import AT_ONCE, HEARD_WITHIN_S, TICK_S, Escalate
from gateway.store import consoles, deliveries, migrate
from gateway.store.database import Urgency
from tests.domain.making import NOW
from tests.harness import waiting
from tests.operate.bench import AIGERIM, CENTRE, SUPERVISOR, Bench, bench

_EVERYWHERE = ()


def turning(at: Bench, **more: Any) -> Escalate:  # noqa: ANN401 - fields of every type
    return Escalate(desk=at.desk, ladder=Ladder(), committed=lambda: None, **more)


async def arm(at: Bench, *districts: str, sound: bool = True, role: str = "dispatcher") -> None:
    """A console that sounds for those districts, or for all."""
    console = Console(
        id=f"console-{len(districts)}",
        person="aigerim",
        role=role,
        districts=districts,
        armed=True,
        sound=sound,
        heard_at=at.clock.now(),
    )
    await at.database.write(lambda c: consoles.hear(c, console), Urgency.STEP)


async def seen_at(at: Bench, turn: Escalate, key: str, seconds: float) -> Alarm:
    """It after the clock has gone on to so long after the press, and the ladder had its turn."""
    await at.clock.push(seconds - (at.clock.now() - NOW).total_seconds())
    await turn.once()
    return await at.alarm(key)


async def called(at: Bench, key: str) -> list[str]:
    """What the one who is called was told of it."""
    found = await at.database.read(lambda c: deliveries.of_alarm(c, key))
    return [one.type.removeprefix("dabyl.alarm.") for one in found if one.receiver == "duty"]


async def pressed(at: Bench, key: int = 1, **more: object) -> str:
    return await at.raised(key, raised_at=NOW, last_at=at.clock.now(), asks_since=NOW, **more)


async def test_what_nobody_claims_climbs_rung_by_rung_and_calls_once(at: Bench) -> None:
    key, turn = await pressed(at), turning(at)
    rungs = [(await seen_at(at, turn, key, s)).escalation for s in (29, 30, 45, 60, 119, 120, 400)]
    assert rungs == [0, 1, 1, 2, 2, 3, 3]
    assert await called(at, key) == ["escalated"]
    assert await at.notices(key) == ["raised", "escalated"]
    lines = [one for one in await at.line(key) if one.what == "escalate"]
    assert [one.data for one in lines] == [{"rung": rung, "why": "unclaimed"} for rung in (1, 2, 3)]


async def test_a_claim_ends_the_ladder_and_who_was_called_hears_who_has_it(at: Bench) -> None:
    key, turn = await pressed(at), turning(at)
    await seen_at(at, turn, key, 121)
    after = await operate.claim(at.desk, AIGERIM, key)
    assert after.escalation == 0
    assert (await seen_at(at, turn, key, 239)).escalation == 0
    assert await called(at, key) == ["escalated", "acknowledged"]


async def test_a_claim_at_the_very_moment_leaves_no_call_behind_it(at: Bench) -> None:
    keys, turn = [await pressed(at, n) for n in range(1, 41)], turning(at)
    await at.clock.push(130 - (at.clock.now() - NOW).total_seconds())
    claims = [operate.claim(at.desk, AIGERIM, key) for key in keys]
    await asyncio.gather(turn.once(), *claims)
    await turn.once()
    for key in keys:
        alarm = await at.alarm(key)
        assert (alarm.state, alarm.escalation) == (State.ACKNOWLEDGED, 0)
        assert await called(at, key) in ([], ["escalated", "acknowledged"])


async def test_a_held_cry_without_an_answer_reaches_the_supervisor_until_one_comes(
    at: Bench,
) -> None:
    key, turn = await pressed(at), turning(at)
    await operate.claim(at.desk, AIGERIM, key)
    began = (at.clock.now() - NOW).total_seconds()
    assert (await seen_at(at, turn, key, began + 119)).escalation == 0
    assert (await seen_at(at, turn, key, began + 120)).escalation == 1
    said = Response(id="r1", state=ResponseState.DISPATCHED)
    assert (await operate.respond(at.desk, AIGERIM, key, said)).escalation == 0
    assert (await seen_at(at, turn, key, began + 900)).escalation == 0


async def test_a_cry_that_somebody_only_saw_climbs_to_the_receiver_each_time(
    at: Bench,
) -> None:
    key, turn = await pressed(at), turning(at)
    began = (at.clock.now() - NOW).total_seconds()
    await operate.acknowledge(at.desk, AIGERIM, key, 1)
    rungs = [
        (await seen_at(at, turn, key, began + s)).escalation for s in (119, 120, 239, 240, 360, 900)
    ]
    assert rungs == [0, 1, 1, 2, 3, 3]
    assert [one.data for one in await at.line(key) if one.what == "escalate"] == [
        {"rung": rung, "why": "seen_only"} for rung in (1, 2, 3)
    ]
    assert await called(at, key) == ["escalated"]
    await operate.claim(at.desk, AIGERIM, key)
    assert await called(at, key) == ["escalated", "acknowledged"]
    assert (await seen_at(at, turn, key, began + 1019)).escalation == 0
    assert (await seen_at(at, turn, key, began + 1020)).escalation == 1


@pytest.mark.parametrize(("role", "rung"), [("dispatcher", 3), ("supervisor", 1)])
async def test_where_no_supervisors_console_sounds_the_receiver_is_called_for_the_first_rung(
    at: Bench, role: str, rung: int
) -> None:
    turn = turning(at)
    turn._hears_since_s = at.clock.monotonic()  # noqa: SLF001 - as its tick begins
    key = await pressed(at)
    began = (at.clock.now() - NOW).total_seconds()
    await operate.acknowledge(at.desk, AIGERIM, key, 1)
    await at.clock.push(110)
    await arm(at, role=role)
    assert (await seen_at(at, turn, key, began + 119)).escalation == 0
    assert (await seen_at(at, turn, key, began + 120)).escalation == rung
    assert await called(at, key) == ["escalated"] * (rung == 3)


@pytest.mark.parametrize("who", [AIGERIM, CENTRE])
async def test_an_answer_to_what_was_only_seen_calls_nobody(at: Bench, who: Operator) -> None:
    key, turn = await pressed(at), turning(at)
    seen = await operate.acknowledge(at.desk, AIGERIM, key, 1)
    await operate.respond(at.desk, who, key, Response(id="r1", state=ResponseState.ACCEPTED))
    assert seen.responded is None
    assert (await seen_at(at, turn, key, 999)).escalation == 0
    said = Response(id="r2", state=ResponseState.REJECTED)
    await operate.respond(at.desk, CENTRE, key, said)
    assert (await seen_at(at, turn, key, 1119)).escalation == 3


async def test_one_who_takes_over_has_the_whole_time_for_an_answer(at: Bench) -> None:
    key, turn = await pressed(at), turning(at)
    held = await operate.claim(at.desk, AIGERIM, key)
    began = (at.clock.now() - NOW).total_seconds()
    await seen_at(at, turn, key, began + 125)
    await operate.take_over(at.desk, SUPERVISOR, key, held.version)
    assert (await seen_at(at, turn, key, began + 244)).escalation == 0
    assert (await seen_at(at, turn, key, began + 246)).escalation == 1


async def test_where_no_console_sounds_it_is_at_the_top_at_once(at: Bench) -> None:
    turn = turning(at)
    turn._hears_since_s = at.clock.monotonic()  # noqa: SLF001 - as its tick begins
    await at.clock.push(HEARD_WITHIN_S)
    await arm(at, "auezov")
    await arm(at, "medeu", "auezov", sound=False)
    key = await at.raised(1, asks_since=at.clock.now(), district="medeu")
    other = await at.raised(2, asks_since=at.clock.now(), district="auezov")
    nowhere = await at.raised(3, asks_since=at.clock.now(), district=None)
    await turn.once()
    found = [(await at.alarm(one)).escalation for one in (key, other, nowhere)]
    assert found == [3, 0, 0]
    line = (await at.line(key))[-1]
    assert line.data == {"rung": 3, "why": "nobody_armed"}
    assert await called(at, key) == ["escalated"]


async def test_a_console_for_all_watches_over_every_district(at: Bench) -> None:
    turn = turning(at)
    turn._hears_since_s = at.clock.monotonic() - HEARD_WITHIN_S  # noqa: SLF001 - likewise
    await arm(at, *_EVERYWHERE)
    key = await at.raised(1, asks_since=at.clock.now())
    await turn.once()
    assert (await at.alarm(key)).escalation == 0


async def test_after_a_start_consoles_have_time_to_say_that_they_are_there(at: Bench) -> None:
    key, turn = await at.raised(1, asks_since=at.clock.now()), turning(at)
    await turn._turn()  # noqa: SLF001 - what its tick does
    await at.clock.push(HEARD_WITHIN_S - 1)
    await turn._turn()  # noqa: SLF001 - likewise
    assert (await at.alarm(key)).escalation == 0
    await at.clock.push(1)
    await turn._turn()  # noqa: SLF001 - likewise
    assert (await at.alarm(key)).escalation == 3


async def test_after_the_gateway_itself_stood_still_consoles_have_that_time_again(
    at: Bench,
) -> None:
    turn = turning(at)
    ticking = asyncio.create_task(turn.tick())

    async def rounds(seconds: float) -> None:
        for _ in range(int(seconds / TICK_S)):
            await at.clock.push(TICK_S)
            await waiting.until(lambda: at.clock.sleepers, what="the round is over")

    await waiting.until(lambda: at.clock.sleepers, what="it looks")
    await rounds(HEARD_WITHIN_S)
    await arm(at, *_EVERYWHERE)
    at.clock.freeze(30)
    key = await at.raised(1, asks_since=at.clock.now())
    await rounds(HEARD_WITHIN_S - 1)
    assert (await at.alarm(key)).escalation == 0
    await rounds(2)
    assert (await at.alarm(key)).escalation == 3
    ticking.cancel()


async def test_a_gateway_without_the_duty_lets_nothing_climb(at: Bench) -> None:
    key, turn = await pressed(at), turning(at, is_ours=lambda: False)
    await at.clock.push(999)
    await turn._turn()  # noqa: SLF001 - what its tick does
    assert (await at.alarm(key)).escalation == 0


async def test_a_test_and_a_trouble_call_nobody(at: Bench) -> None:
    turn = turning(at)
    turn._hears_since_s = at.clock.monotonic() - HEARD_WITHIN_S  # noqa: SLF001 - likewise
    test = await pressed(at, 1, test=True)
    trouble = await pressed(at, 2, priority=Priority.P2)
    await at.clock.push(999)
    await turn.once()
    assert [(await at.alarm(one)).escalation for one in (test, trouble)] == [0, 0]


async def test_many_climb_in_slices_the_gravest_first(at: Bench) -> None:
    turn = turning(at)
    for n in range(1, AT_ONCE + 1):
        await pressed(at, n, priority=Priority.P1)
    cry = await pressed(at, AT_ONCE + 1)
    await at.clock.push(31)
    assert await turn.once()
    assert (await at.alarm(cry)).escalation == 1
    assert not await turn.once()
    found = [(await at.alarm(f"{n:032x}")).escalation for n in range(1, AT_ONCE + 1)]
    assert set(found) == {1}


async def test_one_who_closes_it_on_the_last_rung_tells_whoever_was_called(at: Bench) -> None:
    key, turn = await pressed(at), turning(at)
    shown = await seen_at(at, turn, key, 121)
    await operate.close(at.desk, AIGERIM, key, shown.version, Disposition.FALSE, "a child")
    assert await called(at, key) == ["escalated", "closed"]


@pytest.mark.servers
async def test_of_two_gateways_that_both_think_it_is_theirs_one_calls(
    tmp_path: Path, database_url: str
) -> None:
    migrate.prepare(database_url)
    async with (
        bench(tmp_path, database_url, called="duty") as one,
        bench(tmp_path, database_url, gateway="g2", called="duty") as two,
    ):
        keys = [await pressed(one, n) for n in range(1, 41)]
        for at in (one, two):
            await at.clock.push(121)
        turns = [turning(at) for at in (one, two)]
        for _ in range(3):
            await asyncio.gather(*(turn.once() for turn in turns))
        assert [await called(one, key) for key in keys] == [["escalated"]] * len(keys)
        lines = [await one.line(key) for key in keys]
        assert {len(line) for line in lines} == {2}
