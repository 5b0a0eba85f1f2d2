"""Cameras that another gateway holds for a while, or that nobody calls."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from sqlalchemy import text

from gateway.domain.camera import Facts
from gateway.domain.supervision import Finding
from gateway.store import camera_states
from gateway.store.database import Urgency
from gateway.watch.holding import Holding
from tests.watch import bench
from tests.watch.bench import Bench

ONE, TWO = "s0-c0", "s0-c1"


@dataclass
class Lent:
    """Leases, some of which others have."""

    is_alone: bool = True
    others: set[str] = field(default_factory=set)

    def leases(self) -> Mapping[str, int] | None:
        """None: what is heard is not fenced here."""
        return None

    def is_due(self) -> bool:
        """It is looked at each second."""
        return True

    async def turn(self, wanted: Collection[str]) -> Collection[str]:
        """Those that are ours."""
        return set(wanted) - self.others


def lend(running: Bench) -> Lent:
    """Leases of that gateway that a test can give away."""
    lent = Lent()
    running.lookout.holding = cast("Holding", lent)
    return lent


async def test_a_trouble_that_another_gateway_has_ended_is_said_again_when_it_is_so_again(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        lent = lend(running)
        running.scripts[ONE].offset_s = 60.0
        await running.approve(ONE)
        await running.up(ONE)
        assert await running.opened() == [f"camera.clock_off {ONE}: +60_s"]
        lent.others.add(ONE)
        await running.pass_(5)
        back = Finding(kind="camera.clock_back", about=ONE, cause="+0_s")
        assert running.lookout.calling.saying.find(back)
        await running.pass_(10)
        assert await running.opened() == []
        lent.others.clear()
        await running.up(ONE)
        assert await running.opened() == [f"camera.clock_off {ONE}: +60_s"]


async def test_a_camera_that_nobody_calls_is_unknown_for_two_minutes_and_then_a_trouble(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        lend(running).others.add(ONE)
        await running.approve(ONE, TWO)
        await running.pass_(115)
        assert running.standing(ONE) == ("unknown", "not_heard")
        await running.pass_(115)
        assert await running.opened() == [f"camera.unreachable {ONE}: nothing_heard"]
        assert running.standing(ONE) == ("silent", "unreachable")
        assert running.standing(TWO) == ("well", None)


async def test_cameras_are_called_though_a_newer_version_wrote_of_one_what_nobody_knows(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        clock, seal = running.clock, running.seal
        facts = {ONE: Facts(), TWO: Facts()}
        newer = text('UPDATE camera_states SET facts = \'{"state": "asleep"}\'')
        await running.database.write(
            lambda c: camera_states.save(c, facts, "g2", clock.now()), Urgency.STEP
        )
        await running.database.write(lambda c: c.execute(newer), Urgency.STEP)
    async with bench.opened(tmp_path, clock=clock, seal=seal) as running:
        await running.approve(ONE, TWO)
        await running.up(ONE, TWO)
