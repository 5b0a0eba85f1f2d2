"""The canary at intake: receipted by a write each time, one row an hour, and never an alarm."""

from datetime import timedelta

from adapters.signal import Lane, Spoken
from gateway.domain.kind import Priority
from gateway.domain.rules import Rule, Rulebook
from tests.domain.making import NOW, spoken
from tests.harness.changed import replace
from tests.intake.bench import Bench


def canary(number: int = 1, *, by: str = "g1", seconds: float = 0, **more: object) -> Spoken:
    at = NOW + timedelta(seconds=seconds)
    event = f"{by}.{number:020x}"
    return replace(spoken("path.proof", "canary-b1", id=event, at=at), **more)


async def test_a_canarys_presses_of_an_hour_are_one_row_and_all_receipted(running: Bench) -> None:
    for number in range(130):
        (receipt,) = await running.answered(canary(number, seconds=number * 30))
        assert receipt.stored_at is not None
    rows = await running.rows()
    assert [(again, folded) for _, _, again, folded in rows] == [(0, 120), (0, 10)]
    assert (await running.alarms(), running.owed, running.intake.memory.stuck) == ([], [], {})


async def test_every_proof_is_a_write_of_its_own(running: Bench) -> None:
    await running.answered(canary(1))
    running.database.is_down = True
    running.hear(canary(2))
    await running.clock.push(3)
    assert len(running.receipts) == 1
    running.database.is_down = False
    await running.clock.push(1)
    await running.until_answered(2)
    assert [folded for *_, folded in await running.rows()] == [2]


async def test_another_gateways_canary_shows_that_it_lives_and_is_not_stored(
    running: Bench,
) -> None:
    (answer,) = await running.answered(canary(by="g2"))
    assert (answer.stored_at, answer.refused, await running.rows()) == (None, None, [])


async def test_no_rule_makes_an_alarm_of_the_canary(running: Bench) -> None:
    rule = Rule(kinds=("*",), priority=Priority.P1)
    running.intake.means = replace(running.intake.means, rules=Rulebook((rule,)))
    (receipt,) = await running.answered(canary())
    assert receipt.stored_at is not None
    assert await running.alarms() == []


async def test_a_device_that_says_it_is_the_canary_is_not_believed(running: Bench) -> None:
    for device in ("button-1", "canary-b2", "canary-"):
        said = replace(canary(), device=device)
        (receipt,) = await running.answered(said)
        assert receipt.refused == "not_its_kind"
    assert len(await running.quarantined()) == 3
    assert {alarm.kind for alarm in await running.alarms()} == {"alarm.unreadable"}


async def test_the_canarys_name_opens_no_other_kind_of_the_gateways(running: Bench) -> None:
    said = replace(spoken("centre.reached", "canary-b1"), device="canary-b1")
    (receipt,) = await running.answered(said)
    assert receipt.refused == "not_its_kind"


async def test_a_stored_copy_of_a_canary_is_no_proof(running: Bench) -> None:
    (receipt,) = await running.answered(canary(retained=True))
    assert receipt.refused == "replay"
    assert await running.alarms() == []


async def test_a_proof_on_the_event_topic_is_taken_on_its_own_lane(running: Bench) -> None:
    (receipt,) = await running.answered(canary(heard_on=Lane.EVENT))
    assert receipt.stored_at is not None
    assert len(await running.rows(Lane.ALARM)) == 1
