"""The ways of the simulated centre, as a plain HTTP client meets them."""

import asyncio
import sys
from pathlib import Path

import httpx2
import pytest

from tests.harness import waiting
from tests.simulators.centre import Started, alarm_event, post, signed


@pytest.mark.parametrize(
    "status", [500, 503, 400, 401, 403, 404, 408, 410, 413, 415, 422, 425, 429]
)
async def test_centre_answers_any_status_when_switched(
    centre: Started, sender: httpx2.AsyncClient, status: int
) -> None:
    await centre.mode("status", status=status, retry_after=7)
    answer = await post(sender, centre, alarm_event())
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "7")
    assert (await centre.get("/summary"))["accepted"] == 0


async def test_centre_recovers_when_the_next_so_many_are_over(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("status", status=500, next=2)
    answers = [await post(sender, centre, alarm_event()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 500, 200]


@pytest.mark.parametrize("scope", [{"id": "a1:2"}, {"alarm": "a1"}])
async def test_centre_misbehaves_to_one_only_when_told_so(
    centre: Started, sender: httpx2.AsyncClient, scope: dict[str, str]
) -> None:
    await centre.mode("busy", **scope)
    assert (await post(sender, centre, alarm_event(2))).status_code == 409
    assert (await post(sender, centre, alarm_event(2, alarm="a2"))).status_code == 200


async def test_centre_takes_the_alarm_at_once_when_slow(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("slow", seconds=0.2, to_seconds=0.3)
    begun = asyncio.get_running_loop().time()
    answering = asyncio.ensure_future(post(sender, centre, alarm_event()))
    await waiting.until(lambda: centre.get("/alarms"), what="the alarm is there")
    assert (await answering).status_code == 200
    assert asyncio.get_running_loop().time() - begun >= 0.2


@pytest.mark.parametrize("mode", ["hang", "drip"])
async def test_centre_gives_no_answer_when_it_hangs(
    centre: Started, sender: httpx2.AsyncClient, mode: str
) -> None:
    await centre.mode(mode)
    with pytest.raises(httpx2.ReadTimeout):
        await post(sender, centre, alarm_event(), timeout_s=0.2)

    (record,) = await waiting.until(centre.recorded, what="the request is recorded")
    assert (record["status"], record["verdict"]) == (None, "misbehaved")


async def test_centre_refuses_connections_until_switched_back(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await post(sender, centre, alarm_event())
    await centre.mode("refuse")
    with pytest.raises(httpx2.TransportError):
        await post(sender, centre, alarm_event(2))
    with pytest.raises(httpx2.ConnectError):
        await post(sender, centre, alarm_event(2))
    await centre.mode("ok")
    assert (await post(sender, centre, alarm_event(2))).status_code == 200


async def test_centre_cuts_the_connection_when_resetting(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("reset")
    with pytest.raises(httpx2.ReadError):
        await post(sender, centre, alarm_event())


async def test_centre_sees_it_when_its_redirect_is_followed(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("redirect")
    answer = await post(sender, centre, alarm_event())
    assert (answer.status_code, answer.headers["location"]) == (302, "/followed")
    await sender.get(httpx2.URL(centre.alarms_url).join(answer.headers["location"]))
    assert (await centre.get("/summary"))["followed"] == 1


async def test_centre_shows_a_page_when_it_plays_the_proxy(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("proxy_page")
    answer = await post(sender, centre, alarm_event())
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")


async def test_centre_answers_nonsense_when_told_so(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("garbage", garbage="no_json")
    with pytest.raises(ValueError, match="Expecting value"):
        (await post(sender, centre, alarm_event())).json()
    await centre.mode("garbage", garbage="wrong_id")
    assert (await post(sender, centre, alarm_event())).json()["id"] == "not-a1:1"
    await centre.mode("garbage", garbage="half")
    with pytest.raises(httpx2.RemoteProtocolError):
        await post(sender, centre, alarm_event())


async def test_centre_never_ends_its_answer_when_endless(
    centre: Started, sender: httpx2.AsyncClient
) -> None:
    await centre.mode("garbage", garbage="endless")
    read_bytes = 0
    async with sender.stream("POST", centre.alarms_url, **signed(alarm_event())) as answer:
        async for chunk in answer.aiter_raw():
            read_bytes += len(chunk)
            if read_bytes > 300_000:
                break
    assert read_bytes > 300_000


@pytest.mark.parametrize(
    "mode", [{"mode": "status"}, {"mode": "dance"}, {"mode": "ok", "more": 1}, {"next": 0}]
)
async def test_centre_refuses_a_mode_when_it_makes_no_sense(
    centre: Started, mode: dict[str, object]
) -> None:
    assert (await centre.control.put("/mode", json=mode)).status_code == 422
    assert (await centre.get("/mode"))["mode"] == "ok"


async def test_centre_runs_by_itself_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "centre.secret").write_text("whsec_c2VjcmV0", encoding="utf-8")
    words = "-m simulators.operations_centre --listen 127.0.0.1:0 --control 127.0.0.1:0"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *words.split(), "--secret-file", str(tmp_path / "centre.secret")),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(10):
        line = await process.stdout.readline()
        process.terminate()
        assert await process.wait() == 0
    assert line.startswith(b"centre: alarms at http://127.0.0.1:")
