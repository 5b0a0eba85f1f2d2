"""Stills over the API: for whom they are, written down each time, and never but pictures."""

import json

import httpx2
import pytest

from gateway.domain.stills import Fate
from tests.harness.changed import replace
from tests.web.building import Built


async def test_a_still_is_given_with_its_type_and_for_no_shared_cache(house: Built) -> None:
    still = await house.still(await house.press(), "cam-1")
    async with house.client("dispatcher") as dispatcher:
        answer = await dispatcher.get(f"/api/v1/evidence/{still.sha256}")
    assert answer.status_code == 200
    assert answer.content == house.shelf[still.sha256 or ""]
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private,")
    assert answer.headers["vary"] == "Cookie, Authorization"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_what_a_browser_has_already_is_not_sent_again(house: Built) -> None:
    still = await house.still(await house.press(), "cam-1")
    async with house.client("dispatcher") as dispatcher:
        first = await dispatcher.get(f"/api/v1/evidence/{still.sha256}")
        headers = {"If-None-Match": first.headers["etag"]}
        again = await dispatcher.get(f"/api/v1/evidence/{still.sha256}", headers=headers)
    assert (again.status_code, again.content) == (304, b"")


async def test_whoever_was_given_a_still_is_written_down(house: Built) -> None:
    alarm = await house.press()
    still = await house.still(alarm, "cam-1")
    path = f"/api/v1/evidence/{still.sha256}"
    for name in ("dispatcher", "supervisor", "technician"):
        async with house.client(name) as person:
            await person.get(path)
    async with house.client("auditor") as auditor:
        first = (await auditor.get(f"{path}/access?limit=1")).json()
        rest = (await auditor.get(f"{path}/access", params={"cursor": first["next"]})).json()
    assert [one["who"] for one in (*first["items"], *rest["items"])] == ["supervisor", "dispatcher"]
    assert {one["alarm"] for one in first["items"]} == {alarm.id}
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(("dispatcher", 200), ("supervisor", 200), ("auditor", 200), ("aigerim", 200)),
        ("machine", 200),  # the centre was told of it
        ("bolat", 404),  # another district's
        *(("technician", 403), ("admin", 403), ("device", 403), (None, 401)),
    ],
)
async def test_a_still_is_for_whoever_sees_its_alarm(
    house: Built, name: str | None, status: int
) -> None:
    still = await house.still(await house.press(), "cam-1")
    async with house.client(name) as somebody:
        answer = await somebody.get(f"/api/v1/evidence/{still.sha256}")
    assert answer.status_code == status


async def test_a_receivers_token_opens_no_still_of_an_alarm_it_was_not_told(house: Built) -> None:
    alarm = await house.press()
    still = await house.still(alarm, "cam-1")
    await house.database.write(
        lambda c: c.exec_driver_sql("DELETE FROM deliveries").close(),
        1,  # type: ignore[arg-type]
    )
    async with house.client("machine") as machine:
        answer = await machine.get(f"/api/v1/evidence/{still.sha256}")
    assert answer.status_code == 404


async def test_what_is_called_a_page_goes_out_as_nothing_that_runs(house: Built) -> None:
    still = await house.still(await house.press(), "cam-1", content_type="image/svg+xml")
    async with house.client("dispatcher") as dispatcher:
        answer = await dispatcher.get(f"/api/v1/evidence/{still.sha256}")
    assert answer.headers["content-type"] == "application/octet-stream"


async def test_a_still_that_is_too_old_or_whose_bytes_are_lost_is_gone(house: Built) -> None:
    still = await house.still(await house.press(), "cam-1")
    house.shelf.clear()
    async with house.client("dispatcher") as dispatcher:
        lost = await dispatcher.get(f"/api/v1/evidence/{still.sha256}")
        await house.database.write(
            lambda c: c.exec_driver_sql("UPDATE evidence SET state = 'dropped'").close(),
            1,  # type: ignore[arg-type]
        )
        old = await dispatcher.get(f"/api/v1/evidence/{still.sha256}")
        slip = await dispatcher.get("/api/v1/evidence/../../etc/passwd")
        never = await dispatcher.get(f"/api/v1/evidence/{'0' * 64}")
    assert (lost.status_code, old.status_code) == (410, 410)
    assert "as long as was asked for" in old.json()["detail"]
    assert (slip.status_code, never.status_code) == (404, 404)


async def test_a_still_on_a_disk_that_hangs_is_not_said_to_be_gone(house: Built) -> None:
    async def hangs(_: str) -> bytes | None:
        raise TimeoutError("the disk does not answer in time")

    still = await house.still(await house.press(), "cam-1")
    house.app.state.house = replace(house.house, still=hangs)
    async with house.client("dispatcher") as dispatcher:
        answer = await dispatcher.get(f"/api/v1/evidence/{still.sha256}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


async def test_an_alarm_shows_its_stills_and_why_there_is_none(house: Built) -> None:
    alarm = await house.press()
    kept = await house.still(alarm, "cam-1")
    await house.still(alarm, "cam-2", fate=Fate.FAILED, why="timed_out")
    async with house.client("dispatcher") as dispatcher:
        one = (await dispatcher.get(f"/api/v1/alarms/{alarm.id}")).json()
        listed = (await dispatcher.get("/api/v1/alarms?with=evidence")).json()["items"][0]
        bare = (await dispatcher.get("/api/v1/alarms")).json()["items"][0]
    assert [(still["camera"], still["state"], still["why"]) for still in one["evidence"]] == [
        ("cam-1", "kept", None),
        ("cam-2", "failed", "timed_out"),
    ]
    assert one["evidence"][0]["link"] == f"/api/v1/evidence/{kept.sha256}"
    assert [(line["what"], line["note"]) for line in one["transitions"][1:]] == [
        ("stills", "cam-1"),
        ("no_still", "cam-2: does not answer"),
    ]
    assert listed["evidence"] == one["evidence"]
    assert bare["evidence"] is None
    assert one["version"] == alarm.version


async def test_the_stream_tells_of_a_still_when_it_is_kept(served: Built) -> None:
    alarm = await served.press()
    headers = {"Authorization": "Bearer dispatcher-secret"}
    async with (
        httpx2.AsyncClient(base_url=served.url, headers=headers, timeout=10) as api,
        api.stream("GET", "/api/v1/alarms/stream?after=0") as stream,
    ):
        await served.still(alarm, "cam-1")
        lines = (line async for line in stream.aiter_lines() if line.startswith("data: {"))
        said = (json.loads(line.removeprefix("data: ")) async for line in lines)
        told = (still async for one in said for still in one.get("evidence") or [])
        still = await anext(one async for one in told if one["state"] == "kept")
    assert still["camera"] == "cam-1"
