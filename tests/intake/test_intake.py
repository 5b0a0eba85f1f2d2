"""Intake: an answer is a commit, whatever happens to the store or to a neighbour."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.signal import CheckIn, Lane, Reply
from gateway.domain.alarm import State
from gateway.domain.kind import KINDS
from gateway.domain.presence import Heard as Presence
from gateway.store import database
from tests.domain.making import BUTTON, NOW, spoken, voice
from tests.harness import waiting
from tests.harness.changed import replace
from tests.intake.bench import Bench, garbage


async def test_a_press_is_answered_with_a_receipt_and_owed_to_the_centre(running: Bench) -> None:
    (receipt,) = await running.answered(spoken("panic.pressed"))
    (alarm,) = await running.alarms()
    assert (receipt.id, receipt.stored_at) == ("e1", running.clock.now())
    assert (alarm.kind, alarm.site, alarm.notices) == ("panic.pressed", "school-12", 1)
    assert [(one.alarm, one.claimed_by) for one in running.owed] == [(alarm.id, "g1")]


async def test_a_press_is_receipted_only_once_the_store_takes_it(running: Bench) -> None:
    running.database.is_down = True
    running.hear(spoken("panic.pressed"))
    for _ in range(5):
        await running.clock.push(1)
    assert (running.receipts, running.intake.is_storing) == ([], False)
    running.database.is_down = False
    await running.clock.push(1)
    await running.until_answered(1)
    assert running.receipts[0].stored_at is not None
    assert running.intake.is_storing
    assert len(await running.alarms()) == 1


async def test_a_locked_file_delays_the_receipt_and_loses_nothing(
    running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    with running.locked():
        running.hear(spoken("panic.pressed"))
        await waiting.until(lambda: running.database.writes, what="intake tries")
        assert running.receipts == []
    for _ in range(3):
        await running.clock.push(1)
    await running.until_answered(1)
    assert len(await running.rows()) == 1


async def test_one_that_cannot_be_stored_costs_its_neighbours_nothing(running: Bench) -> None:
    running.database.poison = "bad"
    ids = ["a", "bad", "b", "c"]
    receipts = await running.answered(
        *(spoken("panic.pressed", f"button-{n}", id=one) for n, one in enumerate(ids))
    )
    assert {one.id: one.refused for one in receipts} == {
        **dict.fromkeys("abc"),
        "bad": "not_storable",
    }
    assert {row[0] for row in await running.rows()} > {"a", "b", "c"}
    assert [row.reason for row in await running.quarantined()] == ["not_storable"]


async def test_one_that_cannot_be_stored_among_many_costs_a_few_commits_and_no_order(
    running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.database.poison = "bad"
    store, in_sight = running.database.keep, list[set[str | None]]()

    async def keep(*work: Any) -> Any:  # noqa: ANN401 - handed on
        waiting_now = {one.said.said.id for one in running.intake.unanswered()}  # type: ignore[union-attr]  # all of them were spoken
        in_sight.append(waiting_now | {one.id for one in running.receipts})
        return await store(*work)

    monkeypatch.setattr(running.database, "keep", keep)
    ids = [f"e{n}" for n in range(100)] + ["bad"] + [f"e{n}" for n in range(100, 255)]
    before = running.database.writes
    receipts = await running.answered(
        *(spoken("panic.pressed", f"button-{n}", id=one) for n, one in enumerate(ids))
    )
    assert [one.id for one in receipts] == ids
    assert [one.id for one in receipts if one.refused] == ["bad"]
    assert [row[0] for row in await running.rows() if row[0] in ids] == [
        one for one in ids if one != "bad"
    ]
    assert running.database.writes - before <= 20
    assert all(seen >= {*ids} for seen in in_sight)  # the emergency way forgets none of them


async def test_a_cry_that_cannot_be_stored_is_raised_with_its_doubt(running: Bench) -> None:
    running.database.poison = "bad"
    await running.answered(spoken("panic.pressed", id="bad", lane=Lane.EVENT))
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.doubt, alarm.device) == (
        "alarm.unreadable",
        "not_storable",
        BUTTON.id,
    )


async def test_a_repeat_is_counted_and_receipted_again(running: Bench) -> None:
    for age in (0, 2000, 4000):
        (receipt,) = await running.answered(spoken("panic.pressed", age_ms=age))
        assert receipt.stored_at is not None
    assert await running.rows() == [("e1", 0, 2, 1)]
    assert [alarm.count for alarm in await running.alarms()] == [1]


async def test_repeats_within_one_batch_are_one_row_and_all_receipted(running: Bench) -> None:
    receipts = await running.answered(*[spoken("panic.pressed")] * 4)
    assert [receipt.id for receipt in receipts if receipt.stored_at] == ["e1"] * 4
    assert await running.rows() == [("e1", 0, 3, 1)]


async def test_another_press_under_the_same_id_is_raised_and_marked(running: Bench) -> None:
    await running.answered(spoken("panic.pressed"))
    other = spoken("panic.fire", content={"data": {"floor": 2}})
    await running.answered(other)
    await running.answered(other)
    first, second = await running.alarms()
    assert (second.id != first.id, first.id_reused, second.id_reused) == (True, False, True)
    assert await running.rows() == [("e1", 0, 0, 1), ("e1", 1, 1, 1)]


async def test_the_same_press_a_day_later_is_a_new_one(running: Bench) -> None:
    await running.answered(spoken("panic.pressed"))
    await running.answered(spoken("panic.pressed", at=NOW + timedelta(hours=24)))
    assert [alarm.id_reused for alarm in await running.alarms()] == [False, True]


async def test_a_low_battery_under_the_same_id_does_not_cost_a_press(running: Bench) -> None:
    await running.answered(spoken("battery.low"))
    (receipt,) = await running.answered(spoken("panic.pressed"))
    assert receipt.refused is None
    assert {alarm.kind for alarm in await running.alarms()} == {"battery.low", "panic.pressed"}


async def test_a_stored_copy_is_no_press(running: Bench) -> None:
    (receipt,) = await running.answered(spoken("panic.pressed", retained=True))
    assert (receipt.refused, await running.alarms()) == ("replay", [])
    assert [row.reason for row in await running.quarantined()] == ["replay"]


async def test_a_stored_copy_of_a_known_press_is_only_counted(running: Bench) -> None:
    await running.answered(spoken("panic.pressed"))
    (receipt,) = await running.answered(spoken("panic.pressed", retained=True))
    assert (receipt.refused, receipt.stored_at) == (None, None)
    assert (await running.quarantined(), len(await running.alarms())) == ([], 1)


async def test_what_nobody_can_read_raises_once_a_minute_and_is_kept_each_time(
    running: Bench,
) -> None:
    for seconds in (0, 1, 59, 60, 61):
        at = running.clock.now() + timedelta(seconds=seconds)
        (receipt,) = await running.answered(replace(garbage(), received_at=at))
        assert receipt.refused == "not_json"
    raised = [alarm for alarm in await running.alarms() if alarm.kind == "alarm.unreadable"]
    assert [alarm.count for alarm in raised] == [1, 1]
    assert [row.count for row in await running.quarantined()] == [5]


async def test_bytes_on_another_topic_raise_nothing(running: Bench) -> None:
    await running.answered(garbage(lane=Lane.EVENT))
    assert await running.alarms() == []
    assert len(await running.quarantined()) == 1


async def test_an_unknown_kind_on_the_alarm_topic_may_be_a_cry(running: Bench) -> None:
    await running.answered(spoken("smoke.detected", "STRANGER"))
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.doubt, alarm.registered) == (
        "alarm.unreadable",
        "unknown_kind",
        False,
    )


async def test_answers_come_in_the_order_that_things_were_heard(running: Bench) -> None:
    signals = [spoken("panic.pressed", f"button-{n}", id=f"e{n}") for n in range(600)]
    receipts = await running.answered(*signals)
    assert [receipt.id for receipt in receipts] == [f"e{n}" for n in range(600)]


async def test_a_restored_condition_in_the_same_batch_returns_it(running: Bench) -> None:
    await running.answered(
        spoken("passage.forced", "gate-1", id="a"), spoken("passage.closed", "gate-1", id="b")
    )
    (alarm,) = await running.alarms()
    assert (alarm.state, alarm.notices) == (State.RETURNED, 2)


async def test_a_check_in_is_a_sign_of_life_and_a_stored_one_is_none(running: Bench) -> None:
    alive = CheckIn(link="b", device=BUTTON.id, received_at=NOW, online=True, content={})
    await running.answered(replace(alive, retained=True))
    now_s = running.clock.monotonic()
    assert running.intake.presence.state(BUTTON, now_s) is Presence.UNKNOWN
    await running.answered(alive)
    assert running.intake.presence.state(BUTTON, now_s + 75) is Presence.WELL
    assert running.intake.presence.state(BUTTON, now_s + 76) is Presence.UNKNOWN


async def test_a_reply_to_nothing_harms_nothing(running: Bench) -> None:
    reply = Reply(link="b", device="x", received_at=NOW, id="c", ok=True)
    (answer,) = await running.answered(reply)
    assert (answer.stored_at, answer.refused) == (None, None)


async def test_the_gateways_own_word_is_stored_like_any_other(running: Bench) -> None:
    await running.answered(voice(KINDS["centre.unreachable"], "receiver-centre"))
    (alarm,) = await running.alarms()
    assert (alarm.kind, running.owed) == ("centre.unreachable", [])
