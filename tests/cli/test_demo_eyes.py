"""What `dabyl demo` tells of cameras: each still once, when the centre has it."""

from datetime import UTC, datetime, timedelta

import msgspec

from gateway.cli.demonstration.eyes import Eyes
from gateway.domain.site import Registry
from gateway.store.outbox import PICTURE, Delivery

AT = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)


def _delivery(settled_at: datetime | None = AT + timedelta(seconds=5.2)) -> Delivery:
    alarm = {"id": "a-1", "kind": "panic.pressed", "priority": 0, "raised_at": AT}
    still = {"camera": "c-1", "offset_s": 5, "size_bytes": 13_000}
    body = {"data": {"alarm": alarm, "device": {"id": "b-1"}, "evidence": [still]}}
    return Delivery(
        key="k", receiver="centre", alarm="a-1", number=2, gateway="g1", sequence=2, type=PICTURE,
        priority=0, device="b-1", body=msgspec.json.encode(body), created_at=AT,
        settled_at=settled_at,
    )  # fmt: skip


def test_a_still_is_told_once_and_only_when_the_centre_has_it() -> None:
    told: list[str] = []
    eyes = Eyes(Registry(), lambda _, text: told.append(text.strip()), lambda device: device)
    eyes.take(_delivery(settled_at=None), AT)
    assert told == []
    for since in (AT, AT, AT + timedelta(hours=1)):
        eyes.take(_delivery(), since)
    assert told == ["still of c-1 at +5 s, 13 KiB: at the centre after 5.2 s (alarm a-1)"]


def test_what_a_former_life_of_the_demo_told_is_not_told_again() -> None:
    told: list[str] = []
    eyes = Eyes(Registry(), lambda _, text: told.append(text), lambda device: device)
    eyes.take(_delivery(), AT + timedelta(seconds=1))
    assert told == []
