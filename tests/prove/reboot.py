"""A thousand cameras lose their power at once, and come back at once: no storm, all are heard."""

import asyncio
import time

from tests.harness import enrolled, waiting
from tests.harness.cameras import Farm
from tests.prove.found import Found, Ground
from tests.stories import town as towns
from tests.stories.town import Town

FIRST_WITHIN_S = 120.0
BACK_WITHIN_S = 180.0
HANDSHAKE_LOGINS = 12
"""A handshake has six calls with a login, and two pulls follow; twice that is still no storm."""


async def at_once(ground: Ground) -> Found:
    """All cameras go away for as long as a camera takes to start, and answer again."""
    count, away_s = ground.pick(short=60, long=1_000), ground.pick(short=4, long=60)
    async with (
        Farm(count, is_quiet=True) as farm,
        towns.opened(ground.folder, database=ground.database) as town,
    ):
        began_s = time.monotonic()
        await enrolled.cameras(farm, town.database, town.dabyl.folder / "seal.key")
        await _heard(town, count, FIRST_WITHIN_S)
        first_s = time.monotonic() - began_s
        ground.say(f"{count} cameras are heard after {first_s:.0f} s; they go away")
        await farm.do("*", "unplug")
        await farm.do("*", "reboot")
        await asyncio.sleep(away_s)
        before = await farm.summary()
        gone = count - await town.metric("dabyl_cameras", state="heard")
        await farm.do("*", "plug")
        answers_s = time.monotonic()
        ground.say("all answer again")
        await _heard(town, count, BACK_WITHIN_S)
        back_s = time.monotonic() - answers_s
        after = await farm.summary()
        lost = await _pressed(town, farm, count)
    logins = (after["logins_tried"] - before["logins_tried"]) / count
    return (
        Found()
        .ask_for("cameras", count, at_least=count)
        .ask("connected for the first time within", first_s, "s")
        .ask_for("of them were known to be away", gone, at_least=count)
        .ask("all are heard after the last answers", back_s, "s", at_most=60)
        .ask("subscriptions that nobody pulls", after["subscriptions"] - count, at_most=0)
        .ask("logins of each while they came back", logins, at_most=HANDSHAKE_LOGINS)
        .ask("logins refused", after["logins_refused"], at_most=0)
        .ask("presses on them not raised afterwards", lost, at_most=0)
    )


async def _heard(town: Town, count: int, within_s: float) -> None:
    async def are() -> bool:
        return await town.metric("dabyl_cameras", state="heard") >= count

    await waiting.until(are, within_s=within_s, what=f"{count} cameras are heard")


async def _pressed(town: Town, farm: Farm, count: int) -> int:
    """Press some afterwards; how many raise nothing."""
    names = farm.names[:: max(1, count // 10)]
    lost = 0
    for name in names:
        await farm.do(name, "press", 1)
    for name in names:
        try:
            await town.alarm(name, kind="panic.pressed")
        except waiting.NotInTimeError:
            lost += 1
    return lost
