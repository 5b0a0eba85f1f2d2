"""The audit of a whole gateway: what it was told to the centre is what lies there."""

import json
from pathlib import Path

import pytest

from tests.harness import waiting
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers


async def _told(town: Town) -> Body | None:
    """A supervision that names where the audit ended."""
    items = await town.centre.recorded()
    said = [json.loads(one["body"]) for one in items if one["verdict"] == "accepted"]
    ends = [one["data"]["audit"] for one in said if one["type"] == "dabyl.supervision"]
    return next((one for one in ends if one["number"] > 0), None)


async def test_the_audit_is_whole_and_is_what_the_centre_was_told(
    either: Town, tmp_path: Path
) -> None:
    code, _ = await either.dabyl.run("token", "add", "inspector", "--role", "auditor")
    assert code == 0
    await either.dabyl.restart()  # it speaks at once, and not half a minute later
    await waiting.until(lambda: _told(either), what="the centre is told where the audit ended")
    record = tmp_path / "record.jsonl"
    lines = (json.dumps(one) for one in await either.centre.recorded())
    record.write_text("\n".join(lines))
    code, said = await either.dabyl.run("audit", "verify", "--json", "--against", str(record))
    found: Body = json.loads(said[: said.rindex("}") + 1])
    assert (code, found["whole"]) == (0, True), found
    assert found["compared"] >= 1
    _, listed = await either.dabyl.run("audit", "list", "--json")
    deeds = [one["what"] for one in json.loads(listed[: listed.rindex("]") + 1])]
    assert deeds == ["token_added", "settings_changed"]
