"""Floods and test windows: chatter is counted and receipted, a test never hides a cry."""

from adapters.signal import Lane, Spoken
from gateway.domain.window import Window
from gateway.store import windows
from gateway.store.database import Urgency
from tests.domain.making import BUTTON, later, spoken
from tests.harness.changed import replace
from tests.intake.bench import Bench


def chatter(count: int, every_s: float, first: int = 0) -> list[Spoken]:
    return [
        spoken("panic.pressed", id=f"c{n}", at=later((n - first) * every_s + first * 0.02))
        for n in range(first, first + count)
    ]


async def window(running: Bench, expected: int, device: str = BUTTON.id) -> None:
    now = running.clock.now()
    opened = Window(
        id="w" * 32,
        expected={device: expected},
        heard={},
        opened_at=min(now, later(0)),
        until=later(600),
        by="t",
    )
    await running.database.write(lambda c: windows.open_window(c, opened), Urgency.STEP)


async def test_a_chattering_device_is_folded_counted_and_receipted(running: Bench) -> None:
    said = chatter(300, 0.02)
    receipts = await running.answered(*said)
    rows = await running.rows()
    assert {receipt.id for receipt in receipts if receipt.stored_at} == {
        f"c{n}" for n in range(300)
    }
    assert len(rows) < 75  # 32 at once, 5 a second for six seconds, one that gathers the rest
    assert sum(again + folded for _, _, again, folded in rows) == 300
    assert BUTTON.id in running.intake.memory.stuck


async def test_a_long_flood_keeps_its_count_from_row_to_row(running: Bench) -> None:
    for first in range(0, 1500, 250):
        await running.answered(*chatter(250, 0.02, first))
    rows = await running.rows()
    assert sum(again + folded for _, _, again, folded in rows) == 1500
    (alarm,) = await running.alarms()
    assert alarm.count > 1000


async def test_a_flood_of_one_leaves_the_first_word_of_another_alone(running: Bench) -> None:
    cry = spoken("panic.pressed", "quiet-1", id="cry")
    await running.answered(*chatter(200, 0.02), cry, spoken("panic.holdup", id="other"))
    raised = {(alarm.device, alarm.kind) for alarm in await running.alarms()}
    assert {("quiet-1", "panic.pressed"), (BUTTON.id, "panic.holdup")} < raised


async def test_fifty_who_press_at_once_are_fifty_alarms(running: Bench) -> None:
    await running.answered(*(spoken("panic.pressed", f"b-{n}", id=f"e{n}") for n in range(50)))
    assert len(await running.alarms()) == 50
    assert not running.intake.memory.stuck


async def test_repeats_that_piled_up_while_the_gateway_was_away_fold_no_press(
    running: Bench,
) -> None:
    """A minute's worth: each of five presses thirty times, all heard in one moment."""
    said = [
        spoken("panic.pressed", id=f"p{n % 5}", at=later(0), part=n % 5 + 1) for n in range(150)
    ]
    receipts = await running.answered(*said)
    assert len([receipt for receipt in receipts if receipt.stored_at]) == 150
    rows = await running.rows()
    assert [(event, again + folded) for event, _, again, folded in rows] == [
        (f"p{n}", 30) for n in range(5)
    ]
    assert len(await running.alarms()) == 5
    assert not running.intake.memory.stuck


async def test_presses_behind_their_own_repeats_are_rows_of_their_own(running: Bench) -> None:
    """What a device kept comes in its order, oldest first, with all that it repeated before."""
    said = [spoken("panic.pressed", id=f"p{n}", at=later(0)) for n in (*[0] * 40, 1, *[2] * 40, 3)]
    await running.answered(*said)
    assert [event for event, *_ in await running.rows()] == ["p0", "p1", "p2", "p3"]


async def test_a_device_that_repeats_one_press_for_ever_is_folded(running: Bench) -> None:
    await running.answered(*(spoken("panic.pressed", id="p", at=later(0)) for _ in range(2000)))
    assert [event for event, *_ in await running.rows()] == ["p"]
    assert BUTTON.id in running.intake.memory.stuck


async def test_a_heap_of_presses_is_folded_and_counted_to_the_last(running: Bench) -> None:
    first = [spoken("panic.pressed", id=f"p{n}", at=later(0)) for n in range(32)]
    heaps = [spoken("panic.pressed", id=f"h{n}", at=later(n / 100), more=200) for n in range(10)]
    await running.answered(*first, *heaps)
    rows = await running.rows()
    assert [event for event, *_ in rows][:32] == [f"p{n}" for n in range(32)]
    assert sum(again + folded for _, _, again, folded in rows) == 32 + 10 * 201
    assert BUTTON.id in running.intake.memory.stuck


async def test_a_heap_of_repeats_is_counted_in_the_row_of_its_press(running: Bench) -> None:
    await running.answered(
        spoken("panic.pressed", id="p", at=later(0), again=20),
        spoken("panic.pressed", id="p", at=later(0), again=30),
        spoken("panic.pressed", id="q", at=later(0)),
    )
    rows = await running.rows()
    assert [(event, again + folded) for event, _, again, folded in rows] == [("p", 52), ("q", 1)]
    assert not running.intake.memory.stuck


async def test_repeats_without_end_are_folded_into_their_press(running: Bench) -> None:
    for n in range(30):
        await running.answered(spoken("panic.pressed", id="p", at=later(n / 100), again=200))
    rows = await running.rows()
    assert [(event, again + folded) for event, _, again, folded in rows] == [("p", 30 * 201)]
    assert BUTTON.id in running.intake.memory.stuck


async def test_a_flood_after_the_wall_clock_was_set_back_is_raised(running: Bench) -> None:
    await running.answered(*chatter(100, 0.02))
    back = [
        replace(one, received_at=later(n * 0.02 - 3600))
        for n, one in enumerate(chatter(50, 0, 900))
    ]
    before = len(await running.rows())
    await running.answered(*back)
    assert len(await running.rows()) > before


async def test_passages_flood_on_their_own_lane(running: Bench) -> None:
    said = [
        spoken("passage.granted", "gate-1", id=f"p{n}", at=later(0), lane=Lane.EVENT)
        for n in range(100)
    ]
    await running.answered(*said)
    rows = await running.rows(Lane.EVENT)
    assert sum(again + folded for _, _, again, folded in rows) == 100


async def test_only_the_expected_presses_of_a_window_are_tests(running: Bench) -> None:
    await window(running, expected=2)
    for n in range(3):
        await running.answered(spoken("panic.pressed", id=f"e{n}", part=n + 1))
    tests = {alarm.part: alarm.test for alarm in await running.alarms()}
    assert tests == {1: True, 2: True, 3: False}


async def test_duress_is_never_a_test(running: Bench) -> None:
    await window(running, expected=2)
    await running.answered(spoken("panic.duress"))
    assert [alarm.test for alarm in await running.alarms()] == [False]


async def test_a_claim_to_be_a_test_is_only_marked(running: Bench) -> None:
    await running.answered(spoken("panic.pressed", test=True))
    (alarm,) = await running.alarms()
    assert (alarm.test, alarm.said_test) == (False, True)


async def test_a_clearing_input_uses_up_no_expected_press(running: Bench) -> None:
    await window(running, expected=2, device="wired-1")
    for n, kind in enumerate(("activated", "cleared", "activated")):
        one = spoken(f"input.{kind}", "wired-1", id=f"e{n}", adapter=True, at=later(n * 70))
        await running.answered(one)
    assert [alarm.test for alarm in await running.alarms()] == [True, True]
