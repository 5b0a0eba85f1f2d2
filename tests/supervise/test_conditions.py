"""Check-ins that tell of battery, case, mains and network, on both databases."""

from gateway.domain import steps
from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.event import Affected
from gateway.domain.steps import By
from gateway.store import alarms
from gateway.store.database import Urgency
from tests.domain.making import spoken
from tests.supervise import bench
from tests.supervise.bench import Bench

D, E, F = "s0-d0", "s0-d1", "s0-d2"
HOME, ELSEWHERE = {"gateway_mac": "AA"}, {"gateway_mac": "BB"}


async def close(running: Bench, alarm: Alarm) -> None:
    """A person closes it."""
    closed = steps.close(alarm, By(name="t", now=running.clock.now()), Disposition.CONFIRMED)
    await running.database.write(lambda c: alarms.save(c, [closed]), Urgency.STEP)


async def test_what_a_check_in_says_raises_and_ends_the_same_troubles(running: Bench) -> None:
    await running.check_in(D, battery=15, tamper=True, mains=False)
    await running.until_opened(
        *(f"{kind} {D}" for kind in ("battery.low", "tamper.opened", "mains.lost"))
    )
    await running.check_in(D, battery=22, tamper=False, mains=True)
    await running.until_opened(f"battery.low {D}", f"tamper.opened {D}")  # P1: returned, not seen
    await running.check_in(D, battery=60, tamper=False, mains=True)
    assert {one.kind: one.state for one in await running.alarms()} == {
        "battery.low": State.NORMAL,
        "mains.lost": State.NORMAL,
        "tamper.opened": State.RETURNED,
    }


async def test_the_same_check_in_again_changes_nothing_and_costs_no_row(running: Bench) -> None:
    for _ in range(4):
        await running.check_in(D, battery=15)
        await running.clock.push(15)
    (alarm,) = await running.alarms()
    assert alarm.count == 1
    assert len(await running.line(alarm)) == 1


async def test_there_is_no_second_alarm_beside_the_devices_own(running: Bench) -> None:
    await running.hear(spoken("tamper.opened", D, id="own", at=running.clock.now()))
    await running.clock.push(65)
    await running.check_in(D, tamper=True)
    (alarm,) = await running.alarms()
    assert (alarm.event_id, alarm.count) == ("own", 1)
    await running.check_in(D, tamper=False)
    (alarm,) = await running.alarms()
    assert alarm.state is State.RETURNED


async def test_a_start_raises_nothing_again(running: Bench, url: str) -> None:
    await running.check_in(D, battery=15, tamper=True)
    (low, opened) = sorted(await running.alarms(), key=lambda one: one.kind)
    await close(running, opened)
    async with bench.opened(url, clock=running.clock, name="g2") as later:
        await later.check_in(D, battery=16, tamper=True)
        assert {one.id for one in await later.alarms()} == {low.id, opened.id}
        await later.check_in(D, battery=80, tamper=False)
        assert await later.opened() == []


async def test_what_one_gateway_heard_begin_another_hears_end(running: Bench, url: str) -> None:
    async with bench.opened(url, clock=running.clock, name="g2") as other:
        await other.check_in(D, tamper=False, mains=True)
        await running.check_in(D, tamper=False, mains=False)
        await other.pass_(6)  # what it remembers is otherwise than what is written
        await other.check_in(D, tamper=False, mains=True)
        assert [one.state for one in await other.alarms()] == [State.NORMAL]


async def test_a_moved_device_is_trouble_until_a_person_has_looked(running: Bench) -> None:
    await running.check_in(D, net=HOME)
    await running.check_in(D, net=ELSEWHERE)
    await running.check_in(D, net=ELSEWHERE)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.device, alarm.latches) == ("device.moved", D, True)
    await close(running, alarm)
    for net in (ELSEWHERE, ELSEWHERE):
        await running.check_in(D, net=net)
    assert await running.opened() == []
    await running.check_in(D, net=HOME)
    assert await running.opened() == [f"device.moved {D}"]


async def test_a_schools_new_router_is_one_trouble_with_a_count(running: Bench) -> None:
    await running.check_in(D, E, F, net=HOME)
    await running.check_in(D, net=ELSEWHERE)
    await running.check_in(E, F, net=ELSEWHERE)
    (alarm,) = await running.alarms()
    assert (alarm.device, alarm.affected) == (D, Affected(devices=3, of_devices=4))
    await running.check_in("s1-d0", net=HOME)
    await running.check_in("s1-d0", net=ELSEWHERE)
    assert len(await running.alarms()) == 2


async def test_a_check_in_of_a_stranger_says_nothing(running: Bench) -> None:
    await running.check_in("nobody", battery=1, tamper=True)
    assert await running.alarms() == []
