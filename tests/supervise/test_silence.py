"""Silence on both databases: told in time, ended by the next word, remembered over a start."""

from msgspec.structs import replace

from gateway.domain import steps
from gateway.domain.alarm import Disposition, State
from gateway.domain.event import Affected
from gateway.domain.kind import Priority
from gateway.domain.steps import By
from gateway.store import alarms
from gateway.store.database import Urgency
from tests.supervise import bench
from tests.supervise.bench import DOWN, SCHOOL, UP, Bench

ALL = tuple(SCHOOL.devices)
OTHERS = ALL[1:]


async def silenced(running: Bench) -> None:
    """The first device was heard, and then no more."""
    await running.check_in(*ALL)
    await running.pass_(90, OTHERS)
    await running.until_opened(f"device.silent {ALL[0]}")


async def test_a_silent_device_is_trouble_and_ends_it_by_its_next_word(running: Bench) -> None:
    await running.check_in(*ALL)
    await running.pass_(74, OTHERS)
    assert await running.opened() == []
    await running.pass_(12, OTHERS)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.device, alarm.priority) == ("device.silent", ALL[0], Priority.P2)
    assert (alarm.site, alarm.district, alarm.doubt) == ("s0", "medeu", "nothing_heard")
    assert 75 <= (alarm.raised_at - running.clock.now()).total_seconds() + 86 <= 90
    await running.check_in(ALL[0])
    await running.pass_(2)
    (after,) = await running.alarms()
    assert (after.state, after.closed_at is not None) == (State.NORMAL, True)


async def test_any_word_is_a_sign_of_life(running: Bench) -> None:
    await silenced(running)
    await running.press(ALL[0], 0)
    await running.pass_(2)
    assert await running.opened() == [f"panic.pressed {ALL[0]}"]


async def test_a_stored_copy_is_neither_life_nor_death(running: Bench) -> None:
    await silenced(running)
    await running.hear(replace(running.said(ALL[0]), retained=True))
    await running.hear(replace(running.said(ALL[1], online=False), retained=True))
    await running.pass_(15, OTHERS)
    assert await running.opened() == [f"device.silent {ALL[0]}"]


async def test_a_last_will_shortens_the_silence(running: Bench) -> None:
    await running.check_in(*ALL)
    await running.pass_(3)
    await running.fall(ALL[0])
    await running.pass_(9, OTHERS)
    assert await running.opened() == []
    await running.pass_(3, OTHERS)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.device, alarm.doubt) == ("device.silent", ALL[0], "last_will")


async def test_a_trouble_of_before_a_start_stays_until_the_device_is_heard(
    running: Bench, url: str
) -> None:
    await silenced(running)
    async with bench.opened(url, clock=running.clock, name="g1b") as later:
        assert later.intake.presence.silent.keys() == {ALL[0]}
        running.duty[0] = False
        await later.pass_(100, OTHERS)
        assert await later.opened() == [f"device.silent {ALL[0]}"]
        await later.check_in(ALL[0])
        await later.pass_(2)
        assert await later.opened() == []
    assert len(await running.alarms()) == 1


async def test_after_a_start_nobody_is_well_and_nobody_is_trouble(url: str) -> None:
    async with bench.opened(url) as first:
        await first.check_in(*ALL)
        await first.pass_(3)
    await first.clock.push(3600)
    async with bench.opened(url, clock=first.clock) as later:
        device = SCHOOL.devices[ALL[0]]
        standing = later.intake.presence.standing(device, later.clock.monotonic())
        assert standing.state == "unknown"
        await later.pass_(60, ALL)
        assert await later.alarms() == []


async def test_one_that_was_never_heard_is_trouble_once_over_several_starts(url: str) -> None:
    clock = None
    for _ in range(3):
        async with bench.opened(url, clock=clock) as running:
            await running.pass_(90, OTHERS)
            (alarm,) = await running.alarms()
            assert (alarm.kind, alarm.device) == ("device.silent", ALL[0])
            clock = running.clock


async def test_what_a_person_closed_is_not_raised_again_by_a_start(
    running: Bench, url: str
) -> None:
    await silenced(running)
    (alarm,) = await running.alarms()
    closed = steps.close(alarm, By(name="t", now=running.clock.now()), Disposition.DEVICE_FAULT)
    await running.database.write(lambda c: alarms.save(c, [closed]), Urgency.STEP)
    await running.pass_(70, OTHERS)
    running.duty[0] = False
    async with bench.opened(url, clock=running.clock, name="g1b") as later:
        await later.pass_(90, OTHERS)
        assert await later.opened() == []


async def test_a_lost_broker_is_one_trouble_with_those_whom_nobody_hears(running: Bench) -> None:
    await running.check_in(*ALL)
    running.lines["a"] = DOWN
    await running.pass_(120)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.device, alarm.priority) == ("broker.lost", "broker-a", Priority.P1)
    assert (alarm.affected, alarm.registered) == (Affected(devices=7, of_devices=7), True)
    running.lines["a"] = UP
    await running.pass_(74)
    (alarm,) = await running.alarms()
    assert alarm.state is State.RETURNED
    await running.pass_(12)
    assert {one.kind for one in (await running.alarms())[1:]} == {"site.silent"}


async def test_a_broker_that_is_back_in_a_moment_is_no_trouble(running: Bench) -> None:
    for _ in range(5):
        running.lines["a"] = DOWN
        await running.pass_(4, ALL)
        running.lines["a"] = UP
        await running.pass_(10, ALL)
    assert await running.alarms() == []


async def test_a_broker_that_comes_and_goes_is_lost(running: Bench) -> None:
    for _ in range(5):
        running.lines["a"] = DOWN
        await running.pass_(2, ALL)
        running.lines["a"] = UP
        await running.pass_(2, ALL)
    assert await running.opened() == ["broker.lost broker-a"]


async def test_a_site_without_power_is_one_trouble_and_its_count_is_shown(
    running: Bench,
) -> None:
    await running.check_in(*ALL)
    await running.pass_(100, ALL[4:])
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.device, alarm.site) == ("site.silent", "site-s0", "s0")
    assert (alarm.affected, alarm.doubt) == (Affected(devices=4, of_devices=4), "4_of_4")
    (line,) = await running.line(alarm)
    assert line.data["affected"] == {"devices": 4, "of_devices": 4, "sites": None, "of_sites": None}
    await running.check_in(*ALL[:3])
    await running.pass_(80, ALL[1:])
    site, single = await running.alarms()
    assert site.state is State.RETURNED
    assert (single.kind, single.device) == ("device.silent", ALL[0])


async def test_nobody_is_blamed_for_a_store_that_took_nothing(running: Bench) -> None:
    await running.check_in(*ALL)
    running.intake.is_storing = False
    await running.pass_(100)
    device = SCHOOL.devices[ALL[0]]
    standing = running.intake.presence.standing(device, running.clock.monotonic())
    assert standing == ("unknown", "store_down")
    running.intake.is_storing = True
    await running.pass_(70)
    assert await running.alarms() == []


async def test_nobody_is_blamed_for_a_gateway_that_stood_still(running: Bench) -> None:
    await running.check_in(*ALL)
    await running.pass_(2)
    supervisor, now_s = running.supervisor, running.clock.monotonic()
    for later_s in (200, 201):  # its first look after a standstill
        supervisor.attention.look(now_s + later_s)
        await supervisor.silence.look(now_s + later_s)
    assert running.intake.presence.silent == {}
    await running.settle()
    assert await running.alarms() == []


async def test_a_word_that_found_no_room_is_said_again(running: Bench) -> None:
    await running.check_in(*ALL)
    said: list[object] = []
    speaks = running.supervisor.silence.post.find
    object.__setattr__(running.supervisor.silence.post, "find", said.append)
    await running.pass_(80, OTHERS)
    object.__setattr__(running.supervisor.silence.post, "find", speaks)
    assert (len(said), await running.alarms()) == (1, [])
    await running.pass_(70, OTHERS)
    assert await running.opened() == [f"device.silent {ALL[0]}"]


async def test_of_two_gateways_the_one_on_duty_speaks_and_hears_what_the_other_heard(
    running: Bench, url: str
) -> None:
    async with bench.opened(url, clock=running.clock, name="g2") as other:
        other.duty[0] = False
        await running.check_in(*ALL[:3])
        await other.check_in(*ALL[3:])
        for _ in range(4):  # each hears only its part
            await running.check_in(*ALL[1:3])
            await other.check_in(*ALL[3:])
            await running.pass_(30)
        assert await running.opened() == [f"device.silent {ALL[0]}"]
        await other.check_in(ALL[0])
        await running.pass_(9)
        assert await running.opened() == []
        assert len(await running.alarms()) == 1


async def test_who_takes_over_the_duty_keeps_what_the_other_found(running: Bench, url: str) -> None:
    async with bench.opened(url, clock=running.clock, name="g2") as other:
        other.duty[0], other.lines["a"] = False, DOWN  # it hears nobody, and judges nobody
        await running.check_in(*ALL)
        await running.pass_(90, ALL[4:])
        assert await running.opened() == ["broker.lost broker-a", "site.silent site-s0"]
        running.duty[0], other.duty[0] = False, True
        await running.pass_(70, ALL[4:])
        found = [one for one in await running.alarms() if one.kind == "site.silent"]
        assert [one.state for one in found] == [State.UNACKNOWLEDGED]


async def test_who_takes_over_the_duty_says_what_was_not_said(running: Bench, url: str) -> None:
    async with bench.opened(url, clock=running.clock, name="g2") as other:
        running.duty[0] = other.duty[0] = False
        await running.pass_(100, OTHERS)
        assert await running.alarms() == []
        other.duty[0] = True
        await running.pass_(15, OTHERS)
        await running.until_opened(f"device.silent {ALL[0]}")
