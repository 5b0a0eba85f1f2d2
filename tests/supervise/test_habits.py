"""Clocks, bodies and ids that betray themselves; and our own clock."""

from datetime import timedelta

from gateway.domain.alarm import State
from tests.supervise import bench
from tests.supervise.bench import SCHOOL, Bench

D = "s0-d0"
ALL = tuple(SCHOOL.devices)


async def off_by(running: Bench, seconds: float, *devices: str, times: int = 3) -> None:
    """They check in with a clock that is so far ahead of ours."""
    for _ in range(times):
        at = (running.clock.now() + timedelta(seconds=seconds)).isoformat()
        await running.check_in(*devices, at=at, clock="synced")
        await running.pass_(30)


async def test_a_clock_that_is_off_is_trouble_until_it_is_right(running: Bench) -> None:
    await off_by(running, 0, *ALL[1:], times=1)
    await off_by(running, 7, D)
    assert f"device.clock_off {D}" in await running.opened()
    await off_by(running, 0, D, times=2)
    assert f"device.clock_off {D}" not in await running.opened()


async def test_a_clock_that_was_off_before_a_start_comes_right_after_it(
    running: Bench, url: str
) -> None:
    await off_by(running, 0, *ALL[1:], times=1)
    await off_by(running, 7, D)
    running.duty[0] = False
    async with bench.opened(url, clock=running.clock, name="g2") as later:
        await off_by(later, 0, D, times=2)
        assert f"device.clock_off {D}" not in await later.opened()


async def test_what_only_a_gateway_off_duty_has_heard_is_said_all_the_same(
    running: Bench,
) -> None:
    running.duty[0] = False
    await off_by(running, 0, *ALL[1:], times=1)
    await off_by(running, 7, D)
    assert f"device.clock_off {D}" in await running.opened()
    await off_by(running, 0, D, times=2)
    assert f"device.clock_off {D}" not in await running.opened()


async def test_where_all_are_off_alike_it_is_our_clock_and_nobody_elses(running: Bench) -> None:
    await off_by(running, 7, *ALL, times=5)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.device, alarm.doubt) == (
        *("gateway.clock_off", "gateway-g1", "devices_ahead"),
    )
    await off_by(running, 0, *ALL, times=2)
    (alarm,) = await running.alarms()
    assert alarm.state is State.RETURNED


async def test_a_jump_of_our_clock_is_trouble_until_the_database_agrees(running: Bench) -> None:
    await running.pass_(2)
    running.clock.set_wall(running.clock.now() + timedelta(hours=1))
    await running.pass_(2, ALL)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.doubt) == ("gateway.clock_off", "jumped_+3600_s")
    await running.pass_(40, ALL)
    assert [one.state for one in await running.alarms()] == [State.RETURNED]


async def test_a_clock_that_differs_from_the_databases_is_trouble(running: Bench) -> None:
    running.server_ahead_s[0] = 3
    await running.pass_(40, ALL)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.doubt) == ("gateway.clock_off", "database_+3_s")
    running.server_ahead_s[0] = 1.5
    await running.pass_(40, ALL)
    assert [one.state for one in await running.alarms()] == [State.UNACKNOWLEDGED]
    running.server_ahead_s[0] = 0.5
    await running.pass_(40, ALL)
    assert [one.state for one in await running.alarms()] == [State.RETURNED]


async def test_a_clock_that_is_set_makes_nobody_silent(running: Bench) -> None:
    await running.check_in(*ALL)
    running.clock.set_wall(running.clock.now() + timedelta(hours=9))
    await running.pass_(20, ALL)
    running.clock.set_wall(running.clock.now() - timedelta(hours=20))
    await running.pass_(70, ALL)
    assert {one.kind for one in await running.alarms()} == {"gateway.clock_off"}


async def test_two_bodies_under_one_id_are_trouble_until_one_is_left(running: Bench) -> None:
    for serial in "ABABA":
        await running.check_in(D, serial=serial, boot=1)
        await running.clock.push(30)
        await running.settle()
    found = [one for one in await running.alarms() if one.device == D]
    assert [(one.kind, one.doubt) for one in found] == [("device.duplicated", "serials_take_turns")]
    for _ in range(125):
        await running.check_in(D, serial="A", boot=1)
        await running.clock.push(30)
        await running.settle()
    (alarm,) = [one for one in await running.alarms() if one.kind == "device.duplicated"]
    assert alarm.state is State.RETURNED


async def test_an_id_that_is_used_again_is_trouble(running: Bench) -> None:
    for part in (1, 2, 3):
        await running.press(D, 0, part=part, content={"part": part})
    await running.pass_(3)
    assert (await running.opened()).count(f"device.ids_reused {D}") == 1
