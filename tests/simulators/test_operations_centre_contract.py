"""What the simulated centre takes and refuses: the contract, field by field."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from simulators.operations_centre import signature
from tests.simulators.centre import (
    Started,
    alarm_event,
    post,
    signed,
    signed_bytes,
    supervision_event,
)


async def test_centre_gives_a_reference_when_a_notice_is_new(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    answer = await post(sender, centre, alarm_event())
    assert answer.status_code == 200
    assert answer.json() == {"id": "a1:1", "reference": "KUI-000001"}


@pytest.mark.parametrize("known", [409, 200])
async def test_centre_answers_the_same_body_when_a_notice_comes_again(
    centre: Started, sender: httpx2.AsyncClient, known: int
) -> None:
    await centre.mode("ok", known=known)
    first = await post(sender, centre, alarm_event())
    again = await post(sender, centre, alarm_event())
    assert (again.status_code, again.json()) == (known, first.json())
    summary = await centre.get("/summary")
    assert (summary["accepted"], summary["distinct"], summary["repeats"]) == (1, 1, 1)


BROKEN_HEADERS: list[tuple[dict[str, str], int, str]] = [
    ({"content-type": "application/json"}, 415, "Content-Type"),
    ({"webhook-signature": "v1,bm90IG91cnM="}, 401, "no signature"),
    ({"webhook-signature": "v2,AAAA v1,%%%"}, 401, "no signature"),
    ({"webhook-signature": ""}, 401, "missing"),
    ({"webhook-timestamp": "soon"}, 401, "not a number"),
    ({"webhook-timestamp": "9" * 40}, 401, "5 minutes"),
    ({"idempotency-key": "another"}, 400, "not the same"),
]


@pytest.mark.parametrize(("headers", "status", "says"), BROKEN_HEADERS)
async def test_centre_refuses_when_a_header_is_wrong(
    centre: Started,
    sender: httpx2.AsyncClient,
    headers: dict[str, str],
    status: int,
    says: str,
) -> None:
    answer = await sender.post(centre.alarms_url, **signed(alarm_event(), headers=headers))
    assert answer.status_code == status
    assert says in answer.json()["faults"][0]
    assert (await centre.get("/summary"))["accepted"] == 0


@pytest.mark.parametrize("off_s", [-310, 310])
async def test_centre_refuses_when_the_timestamp_is_too_far_off(
    centre: Started, sender: httpx2.AsyncClient, off_s: int
) -> None:
    at = datetime.now(UTC).timestamp() + off_s
    answer = await sender.post(centre.alarms_url, **signed(alarm_event(), at=at))
    assert answer.status_code == 401
    assert (await centre.get("/summary"))["signature_failures"] == 1


async def test_centre_refuses_when_a_body_is_above_64_kib(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    answer = await post(sender, centre, alarm_event() | {"more": "x" * 65_536})
    assert answer.status_code == 413


async def test_centre_takes_a_body_of_64_kib_with_unknown_fields(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    bare = len(json.dumps(alarm_event() | {"more": ""}))
    answer = await post(sender, centre, alarm_event() | {"more": "x" * (65_536 - bare)})
    assert answer.status_code == 200


def every_place(value: object, *path: str) -> list[tuple[str, ...]]:
    """The paths of all fields below an object."""
    if not isinstance(value, dict):
        return []
    inner = [place for name in value for place in every_place(value[name], *path, name)]
    return [(*path, name) for name in value] + inner


@pytest.mark.parametrize("event", [alarm_event(), supervision_event()], ids=["alarm", "word"])
async def test_centre_names_the_field_when_any_is_missing(
    centre: Started, sender: httpx2.AsyncClient, event: dict[str, Any]
) -> None:
    for place in every_place(event):
        if place[-1] in {"id", "type"} and len(place) == 1:
            continue  # without these it is another sort of event, told below
        without = json.loads(json.dumps(event))
        holder = without
        for name in place[:-1]:
            holder = holder[name]
        del holder[place[-1]]
        answer = await post(sender, centre, without)
        assert answer.status_code == 422
        assert f"{'.'.join(place)} is missing" in answer.json()["faults"]


CONTRADICTIONS: list[tuple[str, object, str]] = [
    ("id", "a1", "id is not <subject>:<number>"),
    ("source", "/dabyl/unplaced", "source is not /dabyl/sites/s1"),
    ("specversion", "0.3", "specversion is not one of 1.0"),
    ("time", "22.11.2026", "time is not an RFC 3339 time"),
    ("data.alarm.priority", True, "data.alarm.priority is not one of 0, 1, 2, 3"),
    ("data.alarm.id", "a2", "data.alarm.id is not the subject"),
    ("data.note", "x" * 2001, "data.note is longer than 2000 characters"),
    ("data.disposition", "solved", "data.disposition is not one of"),
    ("data.journal.hash", None, "data.stored is true without"),
]


@pytest.mark.parametrize(("place", "value", "says"), CONTRADICTIONS)
async def test_centre_says_what_is_wrong_when_a_notice_contradicts_the_contract(
    centre: Started, sender: httpx2.AsyncClient, place: str, value: object, says: str
) -> None:
    event = alarm_event()
    *path, last = place.split(".")
    holder = event
    for name in path:
        holder = holder[name]
    holder[last] = value
    answer = await post(sender, centre, event)
    assert answer.status_code == 422
    assert answer.json()["faults"][0].startswith(says)
    assert (await centre.get("/summary"))["schema_failures"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b'{"id": "\xff"}', 400), (b"[" * 5000, 400), (b"[1]", 422)],
)
async def test_centre_refuses_when_a_body_is_no_event(
    centre: Started, sender: httpx2.AsyncClient, body: bytes, status: int
) -> None:
    answer = await sender.post(centre.alarms_url, **signed_bytes(body, "a1:1"))
    assert answer.status_code == status
    assert (await centre.get("/summary"))["schema_failures"] == 1


async def test_centre_takes_an_unplaced_alarm_when_the_device_is_unregistered(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    event = alarm_event() | {"source": "/dabyl/unplaced"}
    event["data"] |= {"site": None, "zone": None, "occupancy": None}
    assert (await post(sender, centre, event)).status_code == 200


async def test_centre_takes_a_type_it_does_not_know(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    event = supervision_event() | {"type": "dabyl.something.new", "data": {}}
    assert (await post(sender, centre, event)).status_code == 200


@pytest.mark.parametrize("text", ["", "secret", "whsec_", "whsec_%%%"])
def test_centre_names_the_line_when_the_secret_file_is_bad(tmp_path: Path, text: str) -> None:
    path = tmp_path / "centre.secret"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(signature.BadSecretFile, match="line 1"):
        signature.read_secrets(path)
