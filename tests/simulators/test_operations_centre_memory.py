"""What the simulated centre keeps, counts, shows, and answers of itself."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiohttp import web

from simulators.operations_centre import ledger, records
from tests.harness import waiting
from tests.simulators.centre import Started, alarm_event, post, signed, started, supervision_event


async def test_centre_accepts_and_forgets_when_told_so(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("forget")
    assert (await post(sender, centre, alarm_event())).json()["id"] == "a1:1"
    assert await centre.get("/alarms") == {}
    assert (await centre.get("/summary"))["verdicts"] == {"forgotten": 1}


async def test_centre_keeps_every_request_in_memory_and_on_disk(
    centre: Started, sender: httpx2.AsyncClient, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        await post(sender, centre, alarm_event(number))
    items = (await centre.get("/records?after=1&limit=1"))["items"]
    lines = (tmp_path / "heard.jsonl").read_text(encoding="utf-8").splitlines()
    assert [item["number"] for item in items] == [2]
    assert [json.loads(line) for line in lines][1:2] == items
    assert json.loads(items[0]["body"]) == alarm_event(2)
    assert items[0]["headers"]["idempotency-key"] == "a1:2"
    assert len(items[0]["received_at"]) == len("2026-11-22T03:15:42.131000+00:00")
    assert json.loads(items[0]["answer"])["id"] == "a1:2"


async def test_centre_records_a_request_when_its_bytes_are_no_text(
    centre: Started, sender: httpx2.AsyncClient, tmp_path: Path
) -> None:
    odd = {b"x-odd": b"\xc2\x85\xff"}
    await sender.post(centre.alarms_url, content=b"\xff\x00", headers=odd)
    (item,) = await centre.recorded()
    assert (item["status"], item["body_base64"]) == (415, "/wA=")
    assert json.loads((tmp_path / "heard.jsonl").read_text(encoding="utf-8")) == item


async def test_centre_forgets_when_told_so(centre: Started, sender: httpx2.AsyncClient) -> None:
    await post(sender, centre, alarm_event())
    assert (await centre.control.delete("/records")).status_code == 204
    assert (await centre.get("/records"))["items"] == []
    assert (await centre.get("/summary"))["distinct"] == 0
    assert (await post(sender, centre, alarm_event())).status_code == 200


async def test_centre_counts_repeats_and_disorder_for_each_alarm(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    for number in (1, 4, 2, 2, 2):
        await post(sender, centre, alarm_event(number))
    alarm = (await centre.get("/alarms?id=a1"))["a1"]
    assert [(each["number"], each["repeats"]) for each in alarm["notices"]] == [
        (1, 0),
        (2, 2),
        (4, 0),
    ]
    assert alarm["violations"] == [{"number": 2, "after": 4}]
    assert (alarm["missing"], alarm["repeats"]) == ([3], 2)


async def test_centre_says_dabyl_is_silent_when_two_intervals_pass_without_a_word(
    tmp_path: Path, sender: httpx2.AsyncClient
) -> None:
    clock = [datetime(2026, 11, 22, 3, tzinfo=UTC)]
    async with started(tmp_path, now=lambda: clock[0]) as centre:
        assert (await centre.get("/summary"))["dabyl"] == "awaited"
        word = signed(supervision_event(), at=clock[0].timestamp())
        await sender.post(centre.alarms_url, **word)
        clock[0] += timedelta(seconds=60)
        assert (await centre.get("/summary"))["dabyl"] == "alive"
        clock[0] += timedelta(seconds=1)
        assert (await centre.get("/summary"))["dabyl"] == "silent"


async def test_centre_says_dabyl_is_silent_when_it_never_spoke(tmp_path: Path) -> None:
    clock = [datetime(2026, 11, 22, 3, tzinfo=UTC)]
    async with started(tmp_path, now=lambda: clock[0]) as centre:
        clock[0] += timedelta(seconds=61)
        assert (await centre.get("/summary"))["dabyl"] == "silent"


async def test_centre_streams_its_alarms_to_its_page(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    page = (await centre.control.get("/")).text
    assert "EventSource" in page
    assert "http" not in page.lower()  # nothing is loaded from anywhere
    await post(sender, centre, alarm_event())
    async with centre.control.stream("GET", "/stream") as answer:
        line = await anext(aiter(answer.aiter_lines()))
    seen = json.loads(line.removeprefix("data: "))
    assert (seen["alarms"][0]["alarm"], seen["summary"]["alarms"]) == ("a1", 1)


class Gateway:
    """As much of Dabyl's API as a dispatcher needs; its version is stale once."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.stale = True

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response({"id": "a1", "version": 4 + len(self.said)})

    async def respond(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer tok"
        if self.stale:
            self.stale = False
            return web.json_response({}, status=409)
        self.said.append(await request.json())
        return web.json_response({})


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[str, Gateway]]:
    played, application = Gateway(), web.Application()
    path = "/api/v1/alarms/a1"
    application.add_routes(
        [web.get(path, played.show), web.post(f"{path}/respond", played.respond)]
    )
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", played
    await runner.cleanup()


async def test_centre_answers_for_the_dispatcher_when_switched_on(
    tmp_path: Path, sender: httpx2.AsyncClient, gateway: tuple[str, Gateway]
) -> None:
    url, played = gateway
    (tmp_path / "token").write_text("tok\n", encoding="utf-8")
    states = ["accepted", "dispatched", "on_scene", "closed"]
    habit = {"after_s": 0.01, "states": states, "disposition": "confirmed"}
    async with started(tmp_path, dabyl=url, token_file=tmp_path / "token") as centre:
        await centre.control.put("/respond", json=habit)
        for _ in range(2):  # the repeat is no second alarm
            await post(sender, centre, alarm_event())
        await waiting.until(lambda: len(played.said) == 4, what="all is said")
        tries = (await centre.get("/respond"))["answers"]
    assert [(word["state"], word["version"]) for word in played.said] == [
        ("accepted", 4),
        ("dispatched", 5),
        ("on_scene", 6),
        ("closed", 7),
    ]
    assert [word["disposition"] for word in played.said] == [None, None, None, "confirmed"]
    assert played.said[0]["reference"] == "KUI-000001"
    assert tries[0]["id"] == tries[1]["id"] == played.said[0]["id"]


async def test_centre_has_nobody_to_answer_to_when_started_alone(centre: Started) -> None:
    assert (await centre.control.put("/respond", json={})).status_code == 409


def test_records_forget_the_oldest_when_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "KEPT", 2)
    kept = records.Records(None)
    for number in range(5):
        kept.add(a_record(f"{number}".encode()))
    assert [row["body"] for row in kept.after(0, 10)] == ["3", "4"]
    assert [row["number"] for row in kept.after(4, 10)] == [5]


def a_record(body: bytes) -> records.Record:
    return records.Record(
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
        method="POST",
        path="/alarms",
        headers="",
        body=body,
        faults=(),
        verdict=records.Verdict.ACCEPTED,
        status=200,
        answer="",
    )


def test_ledger_forgets_the_oldest_notice_when_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "KNOWN", 2)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    book = ledger.Ledger(now)
    for alarm in ("a1", "a2", "a3"):
        book.accept(alarm_event(alarm=alarm), b"", now)
    assert (list(book.known), list(book.alarms)) == (["a2:1", "a3:1"], ["a2", "a3"])
