"""The same again, and almost the same: repeats, reused ids, chatter, and who is not registered."""

import asyncio
import time
import uuid

import pytest

from tests.harness import waiting
from tests.stories import town as towns
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers


def _body(**more: object) -> Body:
    return {"id": uuid.uuid4().hex, "kind": "panic.pressed", **more}


async def test_a_repeat_is_stored_once_and_receipted_each_time(either: Town) -> None:
    body = _body()
    for _ in range(3):
        await either.devices.say("button-1", body)
    (row,) = await either.rows("SELECT heard_again FROM journal_alarm WHERE device = 'button-1'")
    assert row.heard_again == 2
    assert len(either.devices.receipts["button-1", body["id"]]) == 3
    assert len(await towns.told(either.centre, "button-1", "")) == 1
    assert (await either.alarm("button-1"))["count"] == 1


async def test_an_old_id_with_another_body_is_a_new_alarm_and_marked(either: Town) -> None:
    body = _body(part=1)
    await either.devices.say("button-1", body)
    await either.devices.say("button-1", body | {"part": 2})
    found = await towns.told(either.centre, "button-1", count=2)
    assert [one["data"]["alarm"]["id_reused"] for one in found] == [False, True]
    assert found[0]["subject"] != found[1]["subject"]
    rows = await either.rows("SELECT reuse FROM journal_alarm WHERE device = 'button-1'")
    assert sorted(row.reuse for row in rows) == [0, 1]


async def test_a_second_press_within_a_minute_counts_and_is_told_as_repeated(town: Town) -> None:
    pressed = [await town.devices.press("button-1") for _ in range(3)]
    repeated = await towns.told(town.centre, "button-1", "repeated", count=2)
    named = [one["data"]["device"]["event_id"] for one in repeated]
    assert named == [said.id for said in pressed[1:]]
    assert (await town.alarm("button-1"))["count"] == 3
    assert len(await towns.notices(town.centre, "button-1", of="raised")) == 1


async def test_a_stranger_who_cries_is_heard_by_every_receiver(watched: Town) -> None:
    await watched.devices.press("stranger")
    for one in (watched.centre, watched.duty):
        (notice,) = await towns.told(one, "stranger")
        assert notice["source"] == "/dabyl/unplaced"
        assert (notice["data"]["site"], notice["data"]["zone"]) == (None, None)
        assert notice["data"]["device"]["registered"] is False
        assert notice["data"]["alarm"]["priority"] == 0
    assert (await watched.alarm("stranger"))["site"] is None


async def test_a_stored_copy_is_no_press(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("town")
    async with towns.opened(folder, started=False) as town:
        await town.devices.publish("button-1", "alarm", _body(), retain=True)
        await town.dabyl.start()
        await town.devices.press("button-2")
        await towns.told(town.centre, "button-2")
        assert not await towns.notices(town.centre, "button-1")
        (kept,) = (await town.get("/quarantine"))["items"]
        assert (kept["device"], kept["reason"]) == ("button-1", "replay")


async def test_a_live_press_is_taken_whatever_flag_its_sender_set(town: Town) -> None:
    await town.devices.publish("button-1", "alarm", _body(), retain=True)
    await towns.told(town.centre, "button-1")


async def test_a_cry_on_the_wrong_topic_is_raised_and_counted(town: Town) -> None:
    said = await town.devices.say("button-1", _body(), "event")
    (notice,) = await towns.told(town.centre, "button-1")
    assert notice["data"]["device"]["event_id"] == said.id
    assert notice["data"]["alarm"]["priority"] == 0
    assert await town.metric("dabyl_misplaced_total") == 1


@pytest.mark.serial
async def test_one_mad_device_is_folded_and_nobody_else_waits(either: Town) -> None:
    bodies = [_body() for _ in range(800)]
    flood = asyncio.create_task(_flood(either, bodies))
    await either.devices.press("button-9")  # the first word of another, in the flood's beginning
    took_s = [(await either.devices.press(f"button-{n}")).took_s for n in range(10, 20)]
    await flood
    assert max(took_s) < 1
    await either.alarm("button-1", kind="device.stuck", within_s=5)
    heard = {one for device, one in either.devices.receipts if device == "button-1"}
    assert heard == {body["id"] for body in bodies}
    rows = await either.rows(
        "SELECT folded FROM journal_alarm WHERE kind = 'panic.pressed' AND device = 'button-1'"
    )
    assert len(rows) < 32 + 5 * 20 + 5  # at once; 5 a second while it lasts; some rows that gather
    assert await _folded(either) + len(rows) >= 800


async def _flood(town: Town, bodies: list[Body]) -> None:
    """200 presses a second of one device."""
    started = time.monotonic()
    for number, body in enumerate(bodies):
        await asyncio.sleep(max(0.0, started + number / 200 - time.monotonic()))
        await town.devices.publish("button-1", "alarm", body)
    await waiting.until(
        lambda: all(("button-1", body["id"]) in town.devices.receipts for body in bodies),
        what="all are receipted",
    )


async def _folded(town: Town) -> float:
    return await town.metric("dabyl_signals_total", kind="panic.pressed", result="folded")
