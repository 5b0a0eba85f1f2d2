"""The simulated centre fetches the stills that it was told of, from Dabyl alone, and holds them."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from aiohttp import web

from tests.harness import waiting
from tests.simulators.centre import Started, alarm_event, post, started

BODY = b"\xff\xd8\xff a picture"
DIGEST = hashlib.sha256(BODY).hexdigest()


@dataclass
class Dabyl:
    """Gives stills to whoever shows the token."""

    url: str = ""
    body: bytes = BODY
    tokens: list[str | None] = field(default_factory=list)

    async def give(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("Authorization"))
        return web.Response(body=self.body, content_type="image/jpeg")


@asynccontextmanager
async def giving() -> AsyncIterator[Dabyl]:
    found, application = Dabyl(), web.Application()
    application.router.add_get("/api/v1/evidence/{sha256}", found.give)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()


def evidence_event(origin: str, number: int = 2) -> dict[str, Any]:
    event = alarm_event(number)
    still = {
        "camera": "cam-1",
        "offset_s": 0,
        "sha256": DIGEST,
        "link": f"{origin}/api/v1/evidence/{DIGEST}",
        "content_type": "image/jpeg",
        "size_bytes": len(BODY),
        "taken_at": "2026-11-22T03:15:42.201Z",
    }
    data = {**event["data"], "evidence": [still]}
    return {**event, "type": "dabyl.evidence.added", "data": data}


async def _log(centre: Started) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await centre.get("/stills"))["items"]
    return found


async def test_centre_shows_a_still_when_it_was_told_of_one(
    tmp_path: Path, sender: httpx2.AsyncClient
) -> None:
    token = tmp_path / "token"
    token.write_text("secret-1\n")
    async with giving() as dabyl, started(tmp_path, dabyl=dabyl.url, token_file=token) as centre:
        assert (await post(sender, centre, alarm_event())).status_code == 200
        assert (await post(sender, centre, evidence_event(dabyl.url))).status_code == 200
        (one,) = await waiting.until(lambda: _log(centre), what="the still is fetched")
        assert (one["alarm"], one["status"], one["size_bytes"]) == ("a1", 200, len(BODY))
        assert dabyl.tokens == ["Bearer secret-1"]
        answer = await centre.control.get(f"/stills/{DIGEST}")
        assert (answer.content, answer.headers["content-type"]) == (BODY, "image/jpeg")
        async with centre.control.stream("GET", "/stream") as stream:
            first = await anext(line async for line in stream.aiter_lines() if DIGEST in line)
    assert "cam-1" in first


async def test_centre_takes_its_token_nowhere_else_when_a_link_leads_there(
    tmp_path: Path, sender: httpx2.AsyncClient
) -> None:
    async with giving() as dabyl, giving() as other, started(tmp_path, dabyl=dabyl.url) as centre:
        await post(sender, centre, evidence_event(other.url))
        (one,) = await waiting.until(lambda: _log(centre), what="it is refused")
    assert (one["status"], other.tokens) == (None, [])


async def test_centre_shows_no_still_whose_bytes_are_others(
    tmp_path: Path, sender: httpx2.AsyncClient
) -> None:
    async with giving() as dabyl, started(tmp_path, dabyl=dabyl.url) as centre:
        dabyl.body = BODY + b"?"
        await post(sender, centre, evidence_event(dabyl.url))
        (one,) = await waiting.until(lambda: _log(centre), what="it is fetched")
        assert one["said"] == "its SHA-256 is another"
        assert (await centre.control.get(f"/stills/{DIGEST}")).status_code == 404


async def test_centre_finds_fault_with_evidence_that_names_no_still(
    tmp_path: Path, sender: httpx2.AsyncClient
) -> None:
    async with started(tmp_path) as centre:
        event = evidence_event("http://x")
        event["data"]["evidence"] = []
        assert (await post(sender, centre, event)).status_code == 422
