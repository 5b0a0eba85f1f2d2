"""The journal anyone can verify: by itself, by the centre's record, by a public key alone."""

import json
from pathlib import Path

import pytest

from tests.harness import waiting
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers
_PASSAGE = {"kind": "passage.granted", "data": {"direction": "in", "taken": True}}


async def _told_both(town: Town) -> None:
    """Presses and passages, and a supervision that names both of their heads."""
    for number in range(1, 5):
        await town.devices.press(f"button-{number}")
        await town.devices.say(f"gate-{number}", _PASSAGE, "event")
    await town.dabyl.restart()  # it speaks at once, and not half a minute later

    async def told() -> Body | None:
        items = await town.centre.recorded()
        said = [json.loads(one["body"]) for one in items if one["verdict"] == "accepted"]
        heads = [one["data"]["journal"] for one in said if one["type"] == "dabyl.supervision"]
        both = [one for one in heads if one["number"] >= 4 and one["event"]["number"] == 4]
        return both[0] if both else None

    assert (await waiting.until(told, what="both heads were told") or {})["key"]


async def _verified(town: Town, folder: Path, *more: str) -> tuple[int, Body]:
    """What verify finds, against what the centre has recorded by now."""
    record = folder / "record.jsonl"
    items = await town.centre.recorded()
    record.write_text("".join(json.dumps(one) + "\n" for one in items))
    words = ("journal", "verify", "--json", "--against", str(record), *more)
    code, said = await town.dabyl.run(*words)
    found: Body = json.loads(said[: said.rindex("}") + 1])
    return code, found


async def _faults(town: Town, folder: Path) -> list[tuple[str, str, int]]:
    code, found = await _verified(town, folder)
    assert code == 1
    return [(one["lane"], one["what"], one["row"]) for one in found["faults"]]


async def test_both_chains_are_what_the_centre_was_told(either: Town, tmp_path: Path) -> None:
    await _told_both(either)
    code, found = await _verified(either, tmp_path)
    assert (code, found["whole"], found["faults"]) == (0, True, [])
    rows = {one["lane"]: one["rows"] for one in found["chains"]}
    assert rows["event"] == 4
    assert rows["alarm"] >= 4
    assert found["against"]["compared"] >= 6


async def test_tails_cut_beside_a_running_gateway_are_named(either: Town, tmp_path: Path) -> None:
    await _told_both(either)
    for lane in ("alarm", "event"):
        await either.execute(f"DELETE FROM journal_{lane} WHERE number > 2")  # noqa: S608 - a lane
    faults = await _faults(either, tmp_path)
    found = {(lane, what) for lane, what, _ in faults}
    assert ("event", "cut off") in found, faults
    # The gateway goes on behind what was cut, as soon as it has something to say on that lane.
    assert found & {("alarm", "cut off"), ("alarm", "missing")}, faults
    assert {what for _, what in found} <= {"cut off", "missing"}, faults


async def test_a_row_changed_beside_a_running_gateway_is_named(town: Town, tmp_path: Path) -> None:
    await _told_both(town)
    await town.execute("UPDATE journal_event SET device = 'gate-9' WHERE number = 2")
    assert ("event", "changed", 2) in await _faults(town, tmp_path)


async def test_all_that_a_gateway_ever_wrote_cannot_vanish(either: Town, tmp_path: Path) -> None:
    await _told_both(either)
    await either.dabyl.stop()
    for table in ("journal_alarm", "journal_event", "deliveries", "sequences"):
        await either.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
    code, found = await _verified(either, tmp_path)
    assert (code, found["chains"]) == (1, [])
    says = {one["lane"]: one["says"] for one in found["faults"]}
    assert all("this gateway has no journal at all" in one for one in says.values())
    assert says.keys() == {"alarm", "event"}


async def test_the_key_that_the_centre_was_told_is_the_one_that_status_shows(
    town: Town, tmp_path: Path
) -> None:
    await _told_both(town)
    code, printed = await town.dabyl.run("journal", "key")
    public = printed.strip()
    assert (code, (await town.get("/status"))["public_key"]) == (0, public)
    assert (await _verified(town, tmp_path, "--key", public))[0] == 0


async def test_every_notice_of_any_kind_carries_the_journals_head(town: Town) -> None:
    window = {"devices": ["button-9"], "minutes": 5, "reason": "drill"}
    await town.post("/tests", window, status=201)  # before a real press is open there
    await _told_both(town)
    await town.devices.press("button-9")
    alarm = await town.alarm("button-9")
    await town.post(f"/alarms/{alarm['id']}/claim", {})

    async def heard() -> list[Body] | None:
        said = [json.loads(one["body"]) for one in await town.centre.recorded() if one["body"]]
        types = {one["type"] for one in said}
        wanted = {"raised", "acknowledged"}
        there = {name for name in wanted if f"dabyl.alarm.{name}" in types} == wanted
        return said if there and "dabyl.test.opened" in types else None

    said = await waiting.until(heard, what="all of it was told") or []
    bare = [one["type"] for one in said if not one["data"]["journal"]["hash"]]
    assert bare == []
