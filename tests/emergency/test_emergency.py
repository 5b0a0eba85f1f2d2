"""The emergency way: told once, under the key of the stored alarm, and no receipt for it."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from adapters.receivers.contract import Outcome
from adapters.signal import Lane
from gateway.domain.routing import Route
from gateway.emergency import calls
from gateway.store import journal
from gateway.store.database import Urgency
from gateway.store.journal import Head
from tests.domain.making import BUTTON, event, spoken
from tests.emergency.bench import Alley
from tests.forward.making import BAD, BUSY, CUT, YES
from tests.harness import waiting
from tests.intake.bench import garbage
from tests.intake.test_proof import canary


async def test_a_stored_press_is_told_in_the_ordinary_way_alone(alley: Alley) -> None:
    alley.hear(spoken("panic.pressed"))
    await waiting.until(lambda: alley.receipted, what="it is stored")
    await alley.pass_by(5)
    assert (alley.centre.asked, alley.shouted, len(alley.intake.owed)) == ([], [], 1)


async def test_a_press_that_is_not_stored_within_a_second_is_told_at_once(alley: Alley) -> None:
    await alley.goes_down()
    alley.hear(spoken("panic.pressed"))
    await alley.pass_by(0.9)
    assert alley.centre.asked == []
    await alley.pass_by(0.3)
    (body,) = alley.centre.bodies
    assert (body["type"], body["data"]["stored"]) == ("dabyl.alarm.raised", False)
    assert body["data"]["delivery"]["sequence"] == 0
    assert [(one.id, one.count) for one in alley.shouted] == [(body["subject"], 1)]
    assert alley.answered == []
    await alley.comes_back()
    assert alley.receipted == ["e1"]
    (owed,) = alley.intake.owed
    (alarm,) = await alley.intake.alarms()
    assert (owed.key, alarm.id) == (body["id"], body["subject"])
    assert len(alley.centre.asked) == 1
    assert alley.emergency.outcry.told == {}


@pytest.mark.parametrize("outcome", [BUSY, CUT])
async def test_it_is_told_again_until_it_is_accepted(alley: Alley, outcome: Outcome) -> None:
    await alley.goes_down()
    alley.centre.script = lambda _, nth: YES if nth == 5 else outcome
    alley.hear(spoken("panic.pressed"))
    await alley.pass_by(20)
    gaps = [round(b - a, 1) for a, b in pairwise(alley.centre.times())]
    assert gaps == [0.5, 1.0, 1.5, 2.0]
    assert len({body["id"] for body in alley.centre.bodies}) == 1
    assert all(body == alley.centre.bodies[0] for body in alley.centre.bodies)


async def test_it_is_told_no_more_once_it_is_stored(alley: Alley) -> None:
    await alley.goes_down()
    alley.centre.script = lambda *_: CUT
    alley.hear(spoken("panic.pressed"))
    await alley.pass_by(5)
    await alley.comes_back()
    before = len(alley.centre.asked)
    await alley.pass_by(10)
    assert len(alley.centre.asked) == before


async def test_a_refused_cry_is_tried_at_the_second_address_and_asked_again_seldom(
    alley: Alley,
) -> None:
    await alley.goes_down()
    alley.emergency.calls.with_backup = {"centre"}
    alley.centre.script = lambda *_: BAD
    alley.hear(spoken("panic.pressed"))
    await alley.pass_by(20)
    assert [backup for _, _, backup in alley.centre.asked] == [False, True]
    await alley.pass_by(15)
    assert len(alley.centre.asked) == 4


async def test_the_repeats_of_a_press_do_not_multiply_it_and_are_let_go(alley: Alley) -> None:
    await alley.goes_down()
    for n in range(8):
        alley.hear(spoken("panic.pressed", age_ms=n * 2000))
        await alley.pass_by(2)
    assert len(alley.centre.asked) == 1
    assert alley.let_go == ["e1"] * 7
    assert len(alley.intake.intake.unanswered()) == 1
    await alley.comes_back()
    assert (alley.receipted, await alley.intake.rows()) == (["e1"], [("e1", 0, 0, 1)])


async def test_a_frantic_hand_is_told_once_and_every_press_is_stored(alley: Alley) -> None:
    await alley.goes_down()
    for n in range(6):
        alley.hear(spoken("panic.pressed", id=f"e{n}", at=alley.intake.clock.now()))
        await alley.pass_by(1)
    await alley.pass_by(1)
    assert len(alley.centre.asked) == 1
    assert [one.count for one in alley.shouted] == [1, 2, 3, 4, 5, 6]
    await alley.comes_back()
    (alarm,) = await alley.intake.alarms()
    assert (alarm.id, alarm.count) == (alley.centre.bodies[0]["subject"], 6)
    assert sorted(alley.receipted) == [f"e{n}" for n in range(6)]


async def test_a_press_soon_after_a_stored_one_is_stored_as_the_alarm_that_was_told(
    alley: Alley,
) -> None:
    alley.hear(spoken("panic.pressed", id="e0", at=alley.intake.clock.now()))
    await waiting.until(lambda: alley.receipted, what="the first is stored")
    await alley.goes_down()
    await alley.pass_by(5)
    alley.hear(spoken("panic.pressed", id="e1", at=alley.intake.clock.now()))
    await alley.pass_by(2)
    (body,) = alley.centre.bodies
    await alley.comes_back()
    assert {one.key for one in alley.intake.owed} == {
        f"{alarm.id}:1" for alarm in await alley.intake.alarms()
    }
    second = (await alley.intake.alarms())[1]
    assert (second.id, second.event_id, second.count) == (body["subject"], "e1", 1)


async def test_many_voices_are_all_told_and_one_devices_many_words_come_last(
    alley: Alley, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "UNDER_WAY", 4)
    await alley.goes_down()
    alley.centre.gate.clear()
    alley.hear(*(spoken(f"panic.x{n}", id=f"x{n}") for n in range(6)))
    alley.hear(*(spoken("panic.pressed", f"b-{n}", id=f"e{n}") for n in range(3)))
    await alley.pass_by(1.2)
    asked = [body["data"]["device"]["id"] for body in alley.centre.bodies]
    assert sorted(asked) == ["b-0", "b-1", "b-2", BUTTON.id]
    alley.centre.gate.set()
    await alley.pass_by(1)
    assert len(alley.centre.bodies) == 9


async def test_a_stranger_and_what_nobody_can_read_are_told_too(alley: Alley) -> None:
    await alley.goes_down()
    alley.hear(spoken("panic.pressed", "stranger"), garbage("button-1"))
    await alley.pass_by(1.2)
    found = {(one["source"], one["data"]["alarm"]["kind"]) for one in alley.centre.bodies}
    assert found == {
        ("/dabyl/unplaced", "panic.pressed"),
        ("/dabyl/sites/school-12", "alarm.unreadable"),
    }
    await alley.comes_back()
    stored = {f"{alarm.id}:1" for alarm in await alley.intake.alarms()}
    assert stored == {one["id"] for one in alley.centre.bodies}


async def test_a_press_that_waits_behind_a_batch_under_way_is_told(alley: Alley) -> None:
    await alley.goes_down()
    alley.hear(spoken("passage.forced", "gate-1", id="first"))
    await alley.pass_by(0.5)
    alley.hear(spoken("panic.pressed"))
    await alley.pass_by(1.1)
    assert [one["data"]["alarm"]["kind"] for one in alley.centre.bodies] == ["panic.pressed"]


async def test_when_many_wait_the_brokers_window_is_opened_for_the_next(alley: Alley) -> None:
    await alley.goes_down()
    alley.centre.script = lambda key, _: CUT if key == alley.centre.bodies[0]["id"] else YES
    alley.hear(*(spoken("panic.pressed", f"b-{n}", id=f"e{n}") for n in range(9)))
    await alley.pass_by(1.5)
    assert alley.answered == []
    alley.hear(spoken("passage.forced", "gate-1", id="door"))
    await alley.pass_by(1.2)
    assert sorted(alley.let_go) == ["door", *(f"e{n}" for n in range(1, 9))]
    await alley.pass_by(8)
    assert sorted(alley.let_go) == ["door", *(f"e{n}" for n in range(9))]
    await alley.comes_back()
    assert sorted(alley.receipted) == ["door", *(f"e{n}" for n in range(9))]


async def test_repeats_in_the_batch_under_way_hold_no_window(alley: Alley) -> None:
    """A gateway that comes back to a hanging store finds a backlog of them."""
    await alley.goes_down()
    alley.hear(*[spoken("panic.pressed")] * 20)
    await alley.pass_by(1.2)
    assert alley.let_go == ["e1"] * 19
    await alley.comes_back()
    assert alley.receipted == ["e1"] * 20


async def test_only_the_first_of_the_canarys_presses_waits(alley: Alley) -> None:
    await alley.goes_down()
    for n in range(5):
        alley.hear(canary(n))
        await alley.pass_by(30)
    assert len(alley.let_go) == 4
    assert len(alley.intake.intake.unanswered()) == 1
    assert alley.centre.asked == []


async def test_a_live_press_is_not_let_go_for_a_stored_copy_of_it(alley: Alley) -> None:
    await alley.goes_down()
    alley.hear(spoken("panic.pressed", retained=True), spoken("panic.pressed"))
    await alley.pass_by(1.2)
    assert (len(alley.centre.asked), alley.let_go) == (1, [])


async def test_what_was_told_and_is_stored_otherwise_is_raised_as_it_was_told(
    alley: Alley,
) -> None:
    await alley.goes_down()
    alley.hear(spoken("panic.pressed"))
    await alley.pass_by(1.2)
    (body,) = alley.centre.bodies
    # Another gateway was first, and counted the press on an open alarm of its own.
    await alley.intake.database.real.write(
        lambda c: journal.append(c, "g2", Lane.ALARM, [event("panic.pressed")], Head()),
        Urgency.STEP,
    )
    await alley.comes_back()
    await waiting.until(lambda: not alley.emergency.outcry.told, what="it is raised")
    assert [alarm.id for alarm in await alley.intake.alarms()] == [body["subject"]]
    assert [one.key for one in alley.intake.owed] == [body["id"]]
    assert await alley.intake.rows() == [("e1", 0, 1, 1)]


async def test_what_was_told_and_can_never_be_stored_is_raised_with_its_doubt(
    alley: Alley,
) -> None:
    await alley.goes_down()
    alley.hear(spoken("panic.pressed", id="bad"))
    await alley.pass_by(1.2)
    alley.intake.database.poison = "bad"
    await alley.comes_back()
    await waiting.until(lambda: not alley.emergency.outcry.told, what="it is raised")
    kinds = {alarm.kind: alarm.id for alarm in await alley.intake.alarms()}
    assert kinds.keys() == {"alarm.unreadable", "panic.pressed"}
    assert kinds["panic.pressed"] == alley.centre.bodies[0]["subject"]


async def test_a_receiver_that_is_not_asked_by_any_route_is_told_of_a_p0_all_the_same(
    alley: Alley,
) -> None:
    teller = alley.emergency.desk.teller
    route = Route(receiver="centre", kinds=("camera.*",))
    alley.emergency.desk = replace(alley.emergency.desk, teller=replace(teller, routes=(route,)))
    await alley.goes_down()
    alley.hear(spoken("panic.pressed"), garbage("gate-1"))
    await alley.pass_by(1.2)
    assert [one["data"]["alarm"]["kind"] for one in alley.centre.bodies] == ["panic.pressed"]


async def test_last_words_tell_what_waits_however_young_it_is(alley: Alley) -> None:
    await alley.goes_down()
    alley.hear(spoken("panic.pressed"))
    await alley.pass_by(0.2)
    assert alley.centre.asked == []
    saying = asyncio.create_task(alley.emergency.last_words())
    await waiting.until(lambda: alley.centre.asked, what="it is told")
    await alley.pass_by(0.2)
    await asyncio.wait_for(saying, 5)
