"""The story that `dabyl demo` tells: what it said is missing is told when it comes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gateway.cli.demonstration.story import Story
from gateway.domain.site import Registry
from gateway.store.outbox import Delivery
from simulators.story import Facts, Happening

AT = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)
_SAID: Facts = {"event": "e-1", "kind": "panic.pressed", "age_ms": 14_000}


def _delivery() -> Delivery:
    alarm = {"id": "a-1", "priority": 0, "count": 1}
    body = {
        "type": "dabyl.alarm.raised",
        "data": {"alarm": alarm, "device": {"id": "b-1", "event_id": "e-1"}},
    }
    come = AT + timedelta(seconds=14)
    return Delivery(
        key="k", receiver="centre", alarm="a-1", number=1, gateway="g1", sequence=1,
        type="dabyl.alarm.raised", priority=0, device="b-1", body=msgspec.json.encode(body),
        created_at=come, settled_at=come,
    )  # fmt: skip


def test_a_press_that_was_missing_is_told_once_and_again_when_it_came(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story = Story(Registry(), ZoneInfo("Asia/Almaty"))
    story.tell(Happening(at=AT, what="told", words="", device="b-1", facts=_SAID))
    for waited_s in (11, 12):
        story._give_up(AT + timedelta(seconds=waited_s))  # noqa: SLF001 - it runs beside a database
    assert capsys.readouterr().out.count("not at the centre yet") == 1
    story.tell(Happening(at=AT, what="stored", words="", device="b-1", facts=_SAID))
    story._arrived(_delivery())  # noqa: SLF001 - likewise
    assert "panic.pressed (late)" in capsys.readouterr().out
