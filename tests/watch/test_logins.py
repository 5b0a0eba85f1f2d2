"""Logins of cameras: what is tried, what is not, and what a person changes."""

from pathlib import Path

from adapters.devices.onvif.fault import Reason
from gateway.domain.camera import LinkState
from gateway.store import camera_logins
from gateway.store.database import Urgency
from tests.harness.changed import replace
from tests.watch import bench
from tests.watch.scripts import Script

ONE, TWO = "s0-c0", "s0-c1"


async def test_three_failed_logins_stop_the_attempts_for_a_quarter_of_an_hour(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends = Reason.CREDENTIALS
        await running.approve(ONE)
        await running.until(lambda: running.scripts[ONE].lives == 1, within_s=5)
        await running.pass_(2)
        assert await running.opened() == [f"camera.refused {ONE}: credentials"]
        await running.until(lambda: running.scripts[ONE].lives == 3, within_s=600)
        await running.pass_(500)
        assert running.scripts[ONE].lives == 3
        await running.pass_(500)
        assert running.scripts[ONE].lives in {4, 5, 6}
        assert len(await running.alarms()) == 1


async def test_a_changed_login_is_tried_at_once_though_the_attempts_had_stopped(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends = Reason.CREDENTIALS
        await running.approve(ONE, password="old")
        await running.until(lambda: running.scripts[ONE].lives == 3, within_s=600)
        running.scripts[ONE].ends = None
        await running.approve(ONE, password="new")
        await running.up(ONE, within_s=6)
        assert running.scripts[ONE].passwords[-1] == "new"
        assert await running.opened() == []


async def test_the_attempts_stay_stopped_over_a_restart(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends = Reason.ROLE
        await running.approve(ONE)
        await running.until(lambda: running.scripts[ONE].lives == 3, within_s=600)
        await running.pass_(10)
        clock, seal = running.clock, running.seal
    scripts = {ONE: Script(ONE, Reason.ROLE)}
    async with bench.opened(tmp_path, clock=clock, seal=seal, scripts=scripts) as running:
        await running.pass_(60)
        assert running.scripts[ONE].lives == 0
        assert running.lookout.held[ONE].state is LinkState.REFUSED
        assert len(await running.alarms()) == 1


async def test_no_login_goes_to_an_address_that_nobody_approved(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE)
        await running.up(ONE)
        device = running.intake.memory.registry.devices[ONE]
        await running.register(replace(device, host="10.6.6.6"))
        await running.pass_(10)
        assert await running.opened() == [f"camera.refused {ONE}: not_approved"]
        assert running.scripts[ONE].lives == 1
        await running.approve(ONE, host="10.6.6.6")
        await running.up(ONE)
        settings = running.scripts[ONE].settings
        assert settings is not None
        assert settings.host == "10.6.6.6"


async def test_what_has_become_another_camera_gets_no_login_until_a_person_has_looked(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends = Reason.CHANGED
        await running.approve(ONE)
        await running.pass_(2000)
        assert running.scripts[ONE].lives == 1
        assert await running.opened() == [f"camera.refused {ONE}: changed"]
        running.scripts[ONE].ends = None
        await running.approve(ONE, password="new")
        await running.up(ONE)
        assert await running.opened() == []


async def test_a_refused_camera_that_dies_after_a_person_changed_its_login_is_told_as_dead(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].ends = Reason.CREDENTIALS
        await running.approve(ONE)
        await running.pass_(100)
        running.scripts[ONE].ends = Reason.UNREACHABLE
        await running.approve(ONE, password="new")
        await running.pass_(100)
        assert f"camera.unreachable {ONE}: unreachable" in await running.opened()


async def test_a_login_that_was_sealed_with_another_key_is_told(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE)
        await running.up(ONE)
        clock = running.clock
    async with bench.opened(tmp_path, clock=clock) as running:
        await running.pass_(10)
        assert await running.opened() == [f"camera.refused {ONE}: not_sealed"]
        assert running.scripts[ONE].lives == 0


async def test_a_camera_that_is_enrolled_again_is_called_at_once_though_it_was_locked_before(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        forgotten = list[str]()
        running.lookout.forget = forgotten.append
        running.scripts[ONE].ends = Reason.CREDENTIALS
        await running.approve(ONE, TWO)
        await running.until(lambda: running.scripts[ONE].lives == 3, within_s=600)
        await running.pass_(6)
        await running.database.write(lambda c: camera_logins.drop(c, [ONE]), Urgency.STEP)
        await running.pass_(3)
        assert forgotten == [ONE]
        running.scripts[ONE].ends = None
        await running.approve(ONE)
        await running.up(ONE, within_s=6)
        assert await running.opened() == []


async def test_what_is_owed_of_a_camera_outlives_a_change_of_its_login(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE, password="old")
        await running.up(ONE)
        owing, room = running.scripts[ONE].owing, running.lookout.held[ONE].room
        await running.approve(ONE, password="new")
        await running.until(lambda: running.scripts[ONE].lives == 2, within_s=10)
        assert running.scripts[ONE].owing is owing
        assert running.lookout.held[ONE].room is room
