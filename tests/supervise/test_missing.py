"""Numbers that were left out: asked for, and an alarm where they do not come; on both databases."""

from gateway.domain.kind import Priority
from gateway.store import gaps
from tests.domain.making import spoken
from tests.supervise import bench
from tests.supervise.bench import DOWN, UP, Bench

D = "s0-d0"


async def missing(running: Bench) -> list[object]:
    """What each `events.missing` says."""
    found = [one for one in await running.alarms() if one.kind == "events.missing"]
    return [one.doubt for one in found]


async def resends(running: Bench) -> int:
    return sum(one.command == "resend" for one in await running.ordered())


async def left_out(running: Bench, *seqs: int) -> None:
    for seq in seqs:
        await running.press(D, seq)
        await running.pass_(1)


async def test_what_was_left_out_is_asked_for_once_and_filled(running: Bench) -> None:
    await left_out(running, 0, 3)
    await running.pass_(4)
    assert await resends(running) == 1
    await running.press(D, 1)
    await running.press(D, 2)
    await running.pass_(40)
    assert await missing(running) == []
    assert await running.database.read(gaps.kept) == []


async def test_what_does_not_come_is_an_alarm_that_says_what(running: Bench) -> None:
    await left_out(running, 0, 3, 5)
    await running.pass_(20)
    await running.press(D, 1)
    await running.pass_(20)
    (alarm,) = [one for one in await running.alarms() if one.kind == "events.missing"]
    assert (alarm.priority, alarm.latches, alarm.site) == (Priority.P1, True, "s0")
    assert alarm.doubt == "boot_1_seq_2,4"
    (line,) = await running.line(alarm)
    assert (line.data["boot"], line.data["missing"], line.data["count"]) == (1, [[2, 2], [4, 4]], 2)
    await running.pass_(60)
    assert len(await missing(running)) == 1


async def test_two_brokers_that_overtake_each_other_leave_nothing_out(running: Bench) -> None:
    await left_out(running, 0, 2, 1, 4, 3)
    await running.pass_(10)
    assert await resends(running) == 0


async def test_a_new_boot_and_going_back_are_no_gaps(running: Bench) -> None:
    for boot, seq in ((1, 7), (2, 4), (2, 2), (1, 3)):
        await running.press(D, seq, boot)
    await running.pass_(10)
    assert await resends(running) == 0


async def test_what_was_left_out_over_a_start_is_found_in_the_journal(url: str) -> None:
    async with bench.opened(url) as first:
        await left_out(first, 0, 1)
    async with bench.opened(url, clock=first.clock) as later:
        await left_out(later, 4)
        await later.pass_(5)
        assert await resends(later) == 1
        await later.pass_(40)
        assert await missing(later) == ["boot_1_seq_2-3"]


async def test_a_gateway_that_dies_before_it_asks_asks_in_its_next_life(url: str) -> None:
    async with bench.opened(url) as first:
        await first.press(D, 0)
        await first.press(D, 2)
    async with bench.opened(url, clock=first.clock) as later:
        await later.pass_(4)
        assert await resends(later) == 1


async def test_a_gateway_that_dies_while_it_waits_waits_in_its_next_life(url: str) -> None:
    async with bench.opened(url) as first:
        await left_out(first, 0, 2)
        await first.pass_(5)
    await first.clock.push(3600)
    async with bench.opened(url, clock=first.clock) as later:
        await later.pass_(20)
        assert await missing(later) == []
        await later.pass_(20)
        assert await missing(later) == ["boot_1_seq_1"]


async def test_nobody_is_asked_while_he_cannot_hear(running: Bench) -> None:
    await left_out(running, 0)
    running.lines["b1"] = DOWN  # the link over which presses come here
    await left_out(running, 2)
    await running.pass_(60)
    assert (await resends(running), await missing(running)) == (0, [])
    running.lines["b1"] = UP
    await running.pass_(4)
    assert await resends(running) == 1


async def test_what_could_not_be_read_was_not_left_out(running: Bench) -> None:
    await left_out(running, 0)
    unknown = spoken("smoke.detected", D, id="u", boot=1, seq=1, at=running.clock.now())
    await running.hear(unknown)
    await left_out(running, 2)
    await running.pass_(40)
    assert (await resends(running), await missing(running)) == (0, [])


async def test_what_another_gateway_has_heard_is_not_missing(running: Bench, url: str) -> None:
    async with bench.opened(url, clock=running.clock, name="g2") as other:
        other.duty[0] = False
        await running.press(D, 0)
        await other.press(D, 1)
        await running.press(D, 2)
        await running.pass_(10)
        assert (await resends(running), await running.database.read(gaps.kept)) == (0, [])


async def test_only_the_gateway_on_duty_asks(running: Bench, url: str) -> None:
    async with bench.opened(url, clock=running.clock, name="g2") as other:
        other.duty[0] = False
        for one in (running, other):
            await one.press(D, 0)
            await one.press(D, 2)
        await running.pass_(5)
        assert await resends(running) == 1
        await running.pass_(40)
        assert await missing(running) == ["boot_1_seq_1"]


async def test_what_one_gateway_gave_up_is_not_asked_for_again_by_the_next_on_duty(
    running: Bench, url: str
) -> None:
    async with bench.opened(url, clock=running.clock, name="g2") as other:
        other.duty[0] = False
        for seq in (0, 2):
            await running.press(D, seq)
            await other.press(D, seq)
        await running.pass_(120)
        assert await missing(running) == ["boot_1_seq_1"]
        running.duty[0], other.duty[0] = False, True
        await running.pass_(5)
        assert await resends(running) == 0


async def test_what_was_found_while_nobody_was_on_duty_is_asked_for(running: Bench) -> None:
    running.duty[0] = False
    await left_out(running, 0, 2)
    await running.pass_(20)
    assert await resends(running) == 0
    running.duty[0] = True
    await running.pass_(4)
    assert await resends(running) == 1
