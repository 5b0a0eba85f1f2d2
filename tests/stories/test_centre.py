"""The centre answers, or does not: every row of the contract's table, with nothing lost."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.harness import waiting
from tests.stories import audit
from tests.stories import town as towns
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers


async def _attempts(town: Town, alarm: str | None = None) -> list[Body]:
    """Requests that the centre got (of one alarm), but for the supervision."""
    found = []
    for one in await town.centre.recorded():
        key = one["headers"].get("idempotency-key", "")
        if not key.startswith("supervision") and alarm in {None, key.rpartition(":")[0]}:
            found.append(one)
    return found


async def _tried(town: Town, times: int, device: str = "button-1") -> str:
    """The alarm of a device, once the centre was asked so often about it."""
    alarm: str = (await town.alarm(device))["id"]

    async def enough() -> bool:
        return len(await _attempts(town, alarm)) >= times

    await waiting.until(enough, within_s=15, what=f"{times} attempts")
    return alarm


async def _under_way(town: Town) -> bool:
    return bool((await town.centre.get("/summary"))["under_way"])


async def _said(town: Town, kind: str) -> Body:
    """The alarm in the gateway's own voice about the centre."""
    return await town.alarm("receiver-centre", kind=kind, within_s=20)


@pytest.mark.parametrize(
    "mode",
    [
        {"mode": "status", "status": 500},
        {"mode": "busy"},
        {"mode": "proxy_page"},
        {"mode": "garbage", "garbage": "wrong_id"},
    ],
    ids=lambda mode: str(mode.get("status", mode["mode"])),
)
async def test_one_alarm_that_is_not_accepted_holds_up_no_other(
    town: Town, mode: dict[str, Any]
) -> None:
    await town.devices.press("button-1")
    first = await _tried(town, 1)
    await town.centre.mode(alarm=first, **mode)
    await town.devices.press("button-1")
    await _tried(town, 3)
    for number in range(2, 6):
        await town.devices.press(f"button-{number}")
        await towns.told(town.centre, f"button-{number}", within_s=2)
    assert not await towns.notices(town.centre, "button-1", of="repeated")
    await town.centre.mode("ok")
    await towns.told(town.centre, "button-1", "repeated", within_s=35)


@pytest.mark.parametrize("status", [200, 409])
async def test_an_answer_that_it_is_known_settles_it(town: Town, status: int) -> None:
    await town.centre.mode("slow", seconds=30)
    await town.devices.press("button-1")
    await waiting.until(lambda: _under_way(town), what="the centre thinks")
    await town.centre.mode("ok", known=status)
    alarm = await _tried(town, 2)

    async def settled() -> bool:
        return not (await town.get("/deliveries", state="waiting"))["items"]

    await waiting.until(settled, within_s=10, what="it is settled")
    assert len(await _attempts(town, alarm)) == 2
    assert (await _attempts(town, alarm))[-1]["status"] == status


async def test_a_proxys_page_is_no_acceptance_and_is_said(watched: Town) -> None:
    await watched.centre.mode("proxy_page")
    await watched.devices.press("button-1")
    await _said(watched, "centre.unproven")
    await towns.told(watched.duty, "receiver-centre")
    await watched.centre.mode("ok")
    await towns.told(watched.centre, "button-1", within_s=10)
    assert (await _said(watched, "centre.unproven"))["priority"] == 1
    assert not await towns.notices(watched.centre, "receiver-centre")


async def test_a_p0_waits_at_most_two_seconds_where_the_centre_asks_for_an_hour(
    town: Town,
) -> None:
    await town.centre.mode("status", status=429, retry_after=3600, next=1)
    started = time.monotonic()
    await town.devices.press("button-1")
    await towns.told(town.centre, "button-1", within_s=4)
    assert 1.5 < time.monotonic() - started < 3.5


@pytest.mark.parametrize("mode", ["refuse", "reset"])
async def test_a_silent_centre_is_asked_gently_and_gets_everything_when_it_is_back(
    watched: Town, mode: str
) -> None:
    await watched.devices.press("button-1")
    await towns.told(watched.centre, "button-1")
    await watched.centre.mode(mode)
    for number in [*range(2, 22), 2, 3, 2]:
        await watched.devices.press(f"button-{number}")
    assert (await _said(watched, "centre.unreachable"))["priority"] == 1
    assert await towns.told(watched.duty, "receiver-centre")
    before = len(await _attempts(watched))
    await asyncio.sleep(3)  # what must not happen here is a storm of attempts
    assert len(await _attempts(watched)) - before <= 8
    await watched.centre.mode("ok")
    for number in range(2, 22):
        await towns.told(watched.centre, f"button-{number}", within_s=3)
    await towns.told(watched.centre, "button-2", "repeated", count=2, within_s=3)
    assert not audit.out_of_order(await towns.notices(watched.centre))
    await watched.alarm("receiver-centre", kind="centre.unreachable", state="RETURNED")


async def test_a_hanging_centre_gets_every_press_of_a_storm_when_it_is_back(town: Town) -> None:
    await town.centre.mode("hang")
    for turn in range(3):
        pressing = [
            town.devices.press(f"button-{n}", kind=f"panic.way-{turn}") for n in range(1, 121)
        ]
        await asyncio.gather(*pressing)
    await _said(town, "centre.unreachable")
    await town.centre.mode("ok")
    found: list[Body] = []

    async def all_told() -> bool:
        found[:] = await towns.notices(town.centre, of="raised")
        return len(found) >= 360

    await waiting.until(all_told, within_s=15, what="all 360 are told")


@pytest.mark.parametrize("status", [302, 401])
async def test_a_misconfigured_centre_is_told_of_and_asked_for_ever(
    watched: Town, status: int
) -> None:
    mode = {"mode": "redirect"} if status == 302 else {"mode": "status", "status": status}
    await watched.centre.mode(**mode)
    for number in range(1, 5):
        await watched.devices.press(f"button-{number}")
    await _said(watched, "centre.refusing")
    await towns.told(watched.duty, "receiver-centre")
    await watched.centre.mode("ok")
    for number in range(1, 5):
        await towns.told(watched.centre, f"button-{number}", within_s=3)
    assert (await watched.centre.get("/summary"))["followed"] == 0


@pytest.mark.parametrize("status", [400, 422])
async def test_what_the_centre_refuses_is_a_dead_letter_that_can_be_sent_again(
    watched: Town, status: int
) -> None:
    await watched.centre.mode("status", status=status)
    await watched.devices.press("gate-1", kind="passage.forced")

    async def dead() -> list[Body]:
        items: list[Body] = (await watched.get("/deliveries", state="dead"))["items"]
        return items

    (letter,) = await waiting.until(dead, what="it is dead")
    assert str(status) in letter["answer"]
    await towns.told(watched.duty, "receiver-centre")
    assert (await _said(watched, "delivery.refused"))["priority"] == 1
    await watched.centre.mode("ok")
    await watched.post(f"/deliveries/{letter['id']}/resend", {}, status=202)
    await towns.told(watched.centre, "gate-1")


async def test_a_refusal_is_told_once_and_not_to_the_one_who_refused(watched: Town) -> None:
    await watched.centre.mode("status", status=422)
    await watched.devices.press("gate-1", kind="passage.forced")
    await towns.told(watched.duty, "receiver-centre")
    await asyncio.sleep(2)  # what must not happen here: a refusal about a refusal, for ever
    assert len(await _attempts(watched)) == 1
    assert (await _said(watched, "delivery.refused"))["count"] == 1


async def test_a_refused_p0_goes_to_the_backup_and_is_never_dead(tmp_path: Path) -> None:
    async with towns.centre(tmp_path / "backup", "backup") as backup:
        lines = f'authority = true\nbackup_url = "{backup.alarms_url}"'
        async with towns.opened(tmp_path, authority=lines) as town:
            await town.centre.mode("status", status=422)
            await town.devices.press("button-1")
            await towns.told(backup, "button-1", within_s=3)
            await town.devices.hears("button-1", "delivered")


async def test_a_refused_p0_without_a_backup_is_tried_for_ever(town: Town) -> None:
    await town.centre.mode("status", status=422)
    await town.devices.press("button-1")
    await _tried(town, 1)
    await _said(town, "delivery.refused")
    (owed,) = (await town.get("/deliveries", state="waiting"))["items"]
    assert owed["device"] == "button-1"
    assert not (await town.get("/deliveries", state="dead"))["items"]
    await town.centre.mode("ok")
    await town.dabyl.restart()  # rather than to wait here for its next turn, after 30 s
    await towns.told(town.centre, "button-1")


async def test_a_centre_without_echo_needs_only_a_2xx(tmp_path: Path) -> None:
    async with towns.opened(tmp_path, authority="authority = true\necho = false") as town:
        await town.centre.mode("proxy_page")
        await town.devices.press("button-1")
        await town.devices.hears("button-1", "delivered")
        assert not (await town.get("/deliveries", state="waiting"))["items"]


async def test_one_silent_receiver_holds_up_no_other_after_a_restart(watched: Town) -> None:
    await watched.duty.mode("hang")
    for number in range(1, 60):
        await watched.devices.press(f"button-{number}")
    await watched.dabyl.restart()
    await watched.devices.press("button-60")
    await towns.told(watched.centre, "button-60", within_s=2)
