"""One press: stored, told, seen, answered, closed; and the device knows all of it."""

import asyncio
import json
import re
import time
from pathlib import Path

import httpx2
import pytest

from tests.stories import town as towns
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers


async def _first(town: Town, name: str, opened: asyncio.Event) -> Body:
    """The first thing that the live stream says under that name, once it was heard to live."""
    said = ""
    async with town.api.stream("GET", "/api/v1/alarms/stream") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event:"):
                said = line.removeprefix("event:").strip()
                opened.set()
            elif line.startswith("data:") and said == name:
                found: Body = json.loads(line.removeprefix("data:"))
                return found
    raise AssertionError(f"the stream ended without {name}")


async def test_a_press_is_stored_receipted_and_told_to_the_centre(either: Town) -> None:
    said = await either.devices.press("button-1")
    stored = await either.rows("SELECT event_id FROM journal_alarm WHERE device = 'button-1'")
    assert [row.event_id for row in stored] == [said.id]
    assert {"id", "stored_at", "by", "copies", "centre"} == said.receipt.keys()
    (notice,) = await towns.told(either.centre, "button-1")
    alarm = await either.alarm("button-1")
    assert notice["data"]["alarm"]["id"] == notice["subject"] == alarm["id"]
    assert notice["data"]["device"]["event_id"] == said.id
    assert notice["data"]["site"]["id"] == alarm["site"] == "school-1"
    assert (alarm["kind"], alarm["priority"], alarm["state"]) == (
        *("panic.pressed", 0, "UNACKNOWLEDGED"),
    )
    summary = await either.centre.get("/summary")
    assert (summary["signature_failures"], summary["schema_failures"]) == (0, 0)


async def test_a_press_is_in_the_live_stream_within_a_second(town: Town) -> None:
    opened = asyncio.Event()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        event = group.create_task(_first(town, "alarm", opened))
        await opened.wait()
        started = time.monotonic()
        await town.devices.press("button-2")
        seen = await event
        assert time.monotonic() - started < 1
    assert seen["device"] == "button-2"


async def test_a_claim_is_shown_on_the_button_as_seen(town: Town) -> None:
    await town.devices.press("button-3")
    await town.devices.hears("button-3", "delivered")
    alarm = await town.alarm("button-3")
    claimed = await town.post(f"/alarms/{alarm['id']}/claim", {})
    assert (claimed["state"], claimed["claimed_by"]) == ("ACKNOWLEDGED", "supervisor")
    await town.devices.hears("button-3", "seen")
    (notice,) = await towns.told(town.centre, "button-3", "acknowledged")
    assert notice["data"]["operator"] == "supervisor"


async def test_an_acknowledgement_is_shown_and_an_old_version_is_told_who_was_first(
    town: Town,
) -> None:
    await town.devices.press("button-4")
    alarm = await town.alarm("button-4")
    body = {"version": alarm["version"]}
    await town.post(f"/alarms/{alarm['id']}/acknowledge", body)
    await town.devices.hears("button-4", "seen")
    close = body | {"disposition": "false", "note": "a child pressed it"}
    late = await town.post(f"/alarms/{alarm['id']}/close", close, status=409)
    assert "supervisor" in json.dumps(late)


async def test_what_the_centre_answers_is_shown_on_the_button(either: Town) -> None:
    habit = {"after_s": 0.1, "states": ["accepted", "dispatched", "closed"]}
    done = await either.centre.control.put("/respond", json=habit | {"disposition": "confirmed"})
    assert done.status_code == 200
    await either.devices.press("button-5")
    for level in ("delivered", "seen", "dispatched", "closed"):
        await either.devices.hears("button-5", level)
    alarm = await either.alarm("button-5", state="NORMAL")
    assert alarm["disposition"] == "confirmed"
    answers = (await either.centre.get("/respond"))["answers"]
    assert {one["status"] for one in answers} == {200}


async def test_a_token_made_on_the_command_line_opens_the_api(town: Town) -> None:
    said, printed = await town.dabyl.run("token", "add", "aigerim", "--role", "dispatcher")
    key = re.search(r"dabyl_[\w-]{20,}", printed)
    assert said == 0
    assert key is not None
    headers = {"Authorization": f"Bearer {key.group()}"}
    async with httpx2.AsyncClient(base_url=town.dabyl.url, headers=headers) as api:
        answer = await api.get("/api/v1/alarms")
    assert answer.json() == {"items": [], "next": None}


async def test_the_journal_of_a_story_is_whole_also_by_the_centres_record(tmp_path: Path) -> None:
    async with towns.opened(tmp_path) as town:
        for number in range(1, 4):
            await town.devices.press(f"button-{number}")
        await towns.told(town.centre, "button-3")
        records = tmp_path / "records.jsonl"
        items = await town.centre.recorded()
        records.write_text("".join(json.dumps(one) + "\n" for one in items))
        code, said = await town.dabyl.run("journal", "verify", "--against", str(records))
    assert (code, "the journal is whole" in said) == (0, True)
