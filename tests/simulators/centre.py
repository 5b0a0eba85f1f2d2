"""A running centre for tests, and the words that a gateway would say to it."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from simulators.operations_centre import server

SECRET = b"thirty-two bytes of no real secret"
NAME = {"kk": "№1 мектеп", "ru": "Школа №1", "en": "School 1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A centre at work; `control` speaks to its second door."""

    alarms_url: str
    control: httpx2.AsyncClient

    async def mode(self, mode: str, **more: object) -> None:
        answer = await self.control.put("/mode", json={"mode": mode, **more})
        assert answer.status_code == 200, answer.text

    async def get(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON is there
        return (await self.control.get(path)).json()

    async def recorded(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.get("/records"))["items"]
        return items


@asynccontextmanager
async def started(
    folder: Path,
    *,
    now: Callable[[], datetime] = server.utc_now,
    **more: Any,  # noqa: ANN401
) -> AsyncIterator[Started]:
    """Start a centre on free ports, with one secret."""
    secret_file = folder / "centre.secret"
    secret_file.write_text(f"whsec_{base64.b64encode(SECRET).decode()}\n", encoding="utf-8")
    options = server.Options(
        listen="127.0.0.1:0", control="127.0.0.1:0", secret_file=secret_file, **more
    )
    async with (
        server.running(options, now=now) as centre,
        httpx2.AsyncClient(base_url=centre.control_url) as control,
    ):
        yield Started(alarms_url=centre.alarms_url, control=control)


async def post(
    sender: httpx2.AsyncClient, centre: Started, event: dict[str, Any], *, timeout_s: float = 5
) -> httpx2.Response:
    """Say an event as a gateway would."""
    return await sender.post(centre.alarms_url, **signed(event), timeout=timeout_s)


def alarm_event(number: int = 1, *, alarm: str = "a1", step: str = "raised") -> dict[str, Any]:
    """Write one notice of an alarm, whole, by the contract."""
    return {
        "specversion": "1.0",
        "id": f"{alarm}:{number}",
        "source": "/dabyl/sites/s1",
        "subject": alarm,
        "type": f"dabyl.alarm.{step}",
        "time": "2026-11-22T03:15:42.131Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:dabyl:alarm:1",
        "data": _data(alarm),
    }


def supervision_event(sequence: int = 1) -> dict[str, Any]:
    """Write the word by which the centre knows that Dabyl lives."""
    return {
        "specversion": "1.0",
        "id": f"g1:{sequence}",
        "source": "/dabyl/g1",
        "type": "dabyl.supervision",
        "time": "2026-11-22T03:15:42Z",
        "datacontenttype": "application/json",
        "data": {
            "gateway": "g1",
            "interval_s": 30,
            "sequence": sequence,
            "open": 0,
            "undelivered": 0,
            "canary_age_s": 1.5,
            "journal": 7,
        },
    }


def signed(
    event: dict[str, Any], *, at: float | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Make the arguments of a POST: body, and headers by Standard Webhooks."""
    key = str(event.get("id"))
    return signed_bytes(json.dumps(event).encode(), key, at=at, headers=headers)


def signed_bytes(
    body: bytes, key: str, *, at: float | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Sign whatever bytes are to be sent; `headers` replace those made."""
    stamp = str(int(time.time() if at is None else at))
    content = f"{key}.{stamp}.".encode() + body
    digest = base64.b64encode(hmac.digest(SECRET, content, hashlib.sha256)).decode()
    made = {
        "content-type": "application/cloudevents+json",
        "idempotency-key": key,
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,bm90IG91cnM= v1,{digest}",
    }
    return {"content": body, "headers": made | dict(headers or {})}


def _data(alarm: str) -> dict[str, Any]:
    return {
        "alarm": {
            "id": alarm,
            "kind": "panic.pressed",
            "priority": 0,
            "state": "UNACKNOWLEDGED",
            "silent": False,
            "test": False,
            "said_test": False,
            "unexpected": False,
            "id_reused": False,
            "count": 1,
            "raised_at": "2026-11-22T03:15:42.131Z",
            "pressed_at": {"value": "2026-11-22T03:15:42Z", "quality": "synced"},
        },
        "site": {
            "id": "s1",
            "name": NAME,
            "address": "Абай 1",
            "district": "Талғар",
            "latitude": 43.3,
            "longitude": 77.2,
            "phones": ["+7 727 000 00 00"],
        },
        "zone": {"id": "z1", "name": NAME, "building": None, "floor": 2},
        "place": {"source": "registry", "proven_at": "2026-09-01T04:00:00Z", "doubt": None},
        "device": {
            "id": "button-1",
            "kind": "panic-button",
            "part": 1,
            "registered": True,
            "event_id": "e1",
            "event_ids": ["e1"],
        },
        "occupancy": {"inside": 412, "as_of": "2026-11-22T03:15:00Z", "quality": "counted"},
        "operator": None,
        "disposition": None,
        "note": None,
        "stored": True,
        "journal": {"gateway": "g1", "number": 7, "hash": "0f"},
        "delivery": {"receiver": "centre", "gateway": "g1", "sequence": 3},
        "links": {"alarm": "http://dabyl/alarms/a1", "evidence": None},
    }
