"""A camera's lives: who is called when, how often, and what is said of whom."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.devices.onvif.fault import Reason
from adapters.signal import Condition
from gateway.domain.camera import LinkState
from gateway.domain.site import Input
from gateway.store import camera_states
from tests.domain.making import spoken
from tests.harness.changed import replace
from tests.watch import bench
from tests.watch.bench import school

ONE, TWO = "s0-c0", "s0-c1"


async def test_a_camera_is_called_once_a_person_approved_its_login_and_heard_from_then_on(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        await running.pass_(100)
        assert running.scripts[ONE].lives == 0
        assert running.standing(ONE) == ("unknown", "not_supervised")
        await running.approve(ONE)
        await running.up(ONE)
        assert running.scripts[ONE].passwords == ["right"]
        assert running.standing(ONE) == ("well", None)
        await running.pass_(200)
        assert await running.opened() == []


async def test_a_camera_that_never_answers_is_unknown_at_first_and_unreachable_in_time(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends = Reason.REFUSED
        await running.approve(ONE)
        await running.pass_(20)
        assert running.standing(ONE) == ("unknown", "not_heard")
        assert await running.opened() == []
        await running.pass_(70)
        assert await running.opened() == [f"camera.unreachable {ONE}: refused"]
        assert running.standing(ONE) == ("silent", "unreachable")
        running.scripts[ONE].ends = None
        await running.up(ONE, within_s=60)
        assert await running.opened() == []


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.TIMED_OUT, "camera.unreachable"),
        (Reason.NOT_SOAP, "camera.events_dead"),
        (Reason.SLOTS, "camera.events_dead"),
        (Reason.GONE, "camera.events_dead"),
        (Reason.FAULT, "camera.events_dead"),
    ],
)
async def test_a_channel_that_dies_is_told_within_ninety_seconds_of_its_last_answer_and_once(
    tmp_path: Path, reason: Reason, kind: str
) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE, TWO)
        await running.up(ONE, TWO)
        last = running.lookout.held[ONE].health.last_reply_at
        running.scripts[ONE].end(reason)
        while not await running.opened():
            await running.pass_(1)
        assert await running.opened() == [f"{kind} {ONE}: {reason}"]
        assert last is not None
        assert (running.clock.now() - last).total_seconds() <= 90
        await running.pass_(900)
        assert len(await running.alarms()) == 1
        assert running.standing(TWO) == ("well", None)


async def test_what_answers_though_not_as_it_should_is_unreachable_no_more(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE)
        await running.up(ONE)
        running.scripts[ONE].end(Reason.TIMED_OUT)
        await running.pass_(90)
        running.scripts[ONE].ends = Reason.SLOTS
        await running.pass_(60)
        assert await running.opened() == [f"camera.events_dead {ONE}: slots"]


async def test_a_device_service_that_answers_where_pulls_hang_is_a_dead_channel(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE)
        await running.up(ONE)
        script = running.scripts[ONE]
        script.introduces, script.hangs_s = True, 65.0
        await running.pass_(60)
        script.end(Reason.TIMED_OUT)
        while not await running.opened():
            await running.pass_(1)
        assert await running.opened() == [f"camera.events_dead {ONE}: timed_out"]
        await running.pass_(900)
        assert await running.opened() == [f"camera.events_dead {ONE}: timed_out"]
        assert [one.kind for one in await running.alarms()] == ["camera.events_dead"]


async def test_a_camera_without_room_is_asked_rarely_and_one_that_restarts_soon(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends, running.scripts[TWO].ends = Reason.SLOTS, Reason.REFUSED
        await running.approve(ONE, TWO)
        await running.pass_(1800)
        assert 3 <= running.scripts[ONE].lives <= 16
        assert 1800 / 42 <= running.scripts[TWO].lives <= 200


async def test_the_dead_do_not_keep_the_living_waiting(tmp_path: Path) -> None:
    registry = school(40)
    async with bench.opened(tmp_path, registry=registry, handshakes=1) as running:
        for script in running.scripts.values():
            script.ends, script.hangs_s = Reason.TIMED_OUT, 10.0
        running.scripts[ONE].ends = None
        await running.approve(*registry.devices)
        await running.pass_(200)
        running.scripts[ONE].end(Reason.GONE)
        await running.settle()
        assert running.lookout.held[ONE].state is LinkState.LOST
        running.scripts[ONE].ends = None
        await running.up(ONE, within_s=12)


async def test_changed_inputs_count_without_a_restart_and_a_removed_camera_is_let_go(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE, TWO)
        await running.up(ONE, TWO)
        device = running.intake.memory.registry.devices[ONE]
        await running.register(replace(device, inputs={"7": Input(part=3, kind="panic.pressed")}))
        await running.pass_(5)
        settings = running.scripts[ONE].settings
        assert settings is not None
        assert settings.inputs["7"].part == 3
        await running.remove(TWO)
        await running.pass_(5)
        assert set(running.lookout.held) == {ONE}
        assert running.scripts[ONE].lives == 2
        assert running.scripts[TWO].lives == 1


async def test_a_camera_whose_inputs_mean_panic_as_a_whole_has_that_in_its_settings(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        device = running.intake.memory.registry.devices[ONE]
        await running.register(replace(device, input_kind="panic.pressed"))
        await running.approve(ONE)
        await running.up(ONE)
        settings = running.scripts[ONE].settings
        assert settings is not None
        assert settings.input_kind == "panic.pressed"


async def test_what_was_said_of_a_camera_ends_when_it_is_taken_out_of_the_registry(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends, running.scripts[TWO].ends = Reason.ROLE, Reason.REFUSED
        await running.approve(ONE, TWO)
        await running.pass_(95)
        assert len(await running.opened()) == 2
        await running.remove(ONE, TWO)
        await running.pass_(5)
        assert await running.opened() == []


async def test_a_link_that_slips_is_called_again_and_ends_no_other(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].slips = True
        await running.approve(ONE, TWO)
        await running.up(ONE, TWO, within_s=400)
        assert running.scripts[ONE].lives == 2


async def test_a_press_that_was_stored_is_known_to_the_next_life(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        device = running.intake.memory.registry.devices[ONE]
        wired = replace(device, inputs={"1": Input(part=1, kind="panic.pressed")})
        await running.register(wired)
        await running.approve(ONE)
        await running.up(ONE)
        said = spoken("input.activated", ONE, adapter=True, at=running.clock.now())
        said = replace(said, condition=Condition(key="input:1", active=True))
        assert (await running.hear(running.scripts[ONE], said)).stored_at is not None
        clock, seal, registry = running.clock, running.seal, running.intake.memory.registry
    async with bench.opened(tmp_path, clock=clock, seal=seal, registry=registry) as running:
        await running.up(ONE)
        assert running.scripts[ONE].known == {"input:1": True}
        assert [one.kind for one in await running.alarms()] == ["panic.pressed"]


async def test_a_contact_that_springs_back_is_shown_as_one_that_does_not_latch(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE)
        await running.up(ONE)
        script = running.scripts[ONE]
        for part, stays_s in ((1, 3), (2, 70)):
            for kind in ("input.activated", "input.cleared"):
                said = spoken(kind, ONE, adapter=True, id=f"{kind}{part}", part=part)
                await running.hear(script, replace(said, received_at=running.clock.now()))
                await running.pass_(stays_s)
        now = running.clock.now()
        for kind, ago_s in (("input.activated", 300), ("input.cleared", 0)):  # told by Seek
            said = spoken(kind, ONE, adapter=True, id=f"{kind}3", part=3, at=now)
            said_at = now - timedelta(seconds=ago_s)
            await running.hear(script, replace(said, said=replace(said.said, at=said_at)))
        await running.pass_(70)
        found = await running.database.read(lambda c: camera_states.of(c, ONE))
        assert found is not None
        assert found.facts.pulses == (1,)


async def test_a_thousand_cameras_cost_a_task_each_and_begin_by_tickets(tmp_path: Path) -> None:
    registry = school(50, 20)
    async with bench.opened(tmp_path, registry=registry, starts_per_s=100) as running:
        await running.approve(*registry.devices)
        await running.pass_(5)
        begun = sum(script.lives for script in running.scripts.values())
        assert 300 <= begun <= 500
        await running.up(*registry.devices, within_s=20)
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert sum(name.startswith("camera ") for name in names) == 1000


async def test_a_thousand_cameras_that_restart_are_back_within_a_minute_of_the_last(
    tmp_path: Path,
) -> None:
    registry = school(50, 20)
    async with bench.opened(tmp_path, registry=registry) as running:
        await running.approve(*registry.devices)
        await running.up(*registry.devices, within_s=20)
        for script in running.scripts.values():
            script.end(Reason.RESET)
            script.ends = Reason.REFUSED
        await running.pass_(120)
        for script in running.scripts.values():
            script.ends = None
        await running.up(*registry.devices, within_s=60)
