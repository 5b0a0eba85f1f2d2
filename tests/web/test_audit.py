"""The audit over the API: what is in it, who reads it, what is refused, and what goes out."""

import asyncio
import csv
import html
import io
import re
from typing import Any

import httpx2
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import update

from gateway import vouch
from gateway.domain.deed import Why
from gateway.domain.event import AlarmId
from gateway.store import audit_checkpoints, audit_views, schema
from gateway.store.audit_views import Entry, Sought
from gateway.store.database import Urgency
from gateway.store.signing import Signer
from gateway.web import checking, exports, refusals
from tests.harness.changed import replace
from tests.web.building import Built

_FOREIGN = {"Sec-Fetch-Site": "cross-site"}
_OURS = {"Sec-Fetch-Site": "same-origin"}


async def rows(house: Built) -> list[Entry]:
    """All of it, the oldest first; what was refused is written first."""
    await house.app.state.refusals.write()
    return (await house.database.read(lambda c: audit_views.listed(c, Sought(), 999)))[::-1]


def cells(answer: httpx2.Response, separator: str = ",") -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


async def test_every_step_of_an_alarm_is_in_the_audit_with_who_and_what(house: Built) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    close = {"version": 2, "disposition": "false", "note": "a pupil leant on it"}
    async with house.client("aigerim") as client:
        await client.post(f"{path}/claim", json={})
        await client.post(f"{path}/note", json={"note": "calling the school"})
        await client.post(f"{path}/respond", json={"id": "r1", "state": "dispatched"})
        await client.post(f"{path}/close", json=close | {"version": 3})
        await client.post(f"{path}/close", json=close | {"version": 3})
    found = await rows(house)
    assert [one.what for one in found] == ["claim", "note", "respond", "close"]
    assert {(one.who, one.role, one.key, one.district) for one in found} == {
        ("aigerim", "dispatcher", alarm.id, "medeu")
    }
    assert found[1].data["note"] == "calling the school"
    assert found[2].data["step"] == "dispatched"
    assert (found[3].data["disposition"], found[3].data["version"]) == ("false", 4)


async def test_a_look_at_a_still_is_in_the_audit(house: Built) -> None:
    still = await house.still(await house.press(), "cam-1")
    async with house.client("aigerim") as client:
        assert (await client.get(f"/api/v1/evidence/{still.sha256}")).status_code == 200
    (one,) = await rows(house)
    assert (one.what, one.key, one.data) == ("evidence_seen", still.sha256, {"alarm": still.alarm})


async def test_who_may_read_it_reads_it_page_by_page_and_of_their_own_districts(
    house: Built,
) -> None:
    await _two_claims(house)
    async with house.client("auditor") as client:
        first = (await client.get("/api/v1/audit?limit=1")).json()
        second = (await client.get(f"/api/v1/audit?limit=1&cursor={first['next']}")).json()
        of_one = (await client.get("/api/v1/audit?who=aigerim&what=claim")).json()
        wrong = await client.get("/api/v1/audit?what=dance")
    assert [one["who"] for one in (*first["items"], *second["items"])] == ["bolat", "aigerim"]
    assert second["next"] is None
    assert [one["who"] for one in of_one["items"]] == ["aigerim"]
    assert wrong.status_code == 422
    async with house.client("dispatcher") as client:
        assert (await client.get("/api/v1/audit")).status_code == 403


async def test_a_supervisor_sees_what_was_done_in_their_own_district_alone(house: Built) -> None:
    await _two_claims(house)
    await _limited(house, "supervisor", "auezov")
    async with house.client("supervisor") as client:
        found = (await client.get("/api/v1/audit")).json()["items"]
        sheet = cells(await client.get("/api/v1/exports/audit.csv"))
    assert [one["who"] for one in found] == ["bolat"]
    assert [one["who"] for one in sheet] == ["bolat"]


async def test_nobody_edits_it(house: Built) -> None:
    async with house.client("admin") as client:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert (await client.request(method, "/api/v1/audit")).status_code == 405


async def test_its_end_is_signed_and_that_is_written_down(house: Built) -> None:
    signer = Signer(Fernet.generate_key())
    house.app.state.house = replace(house.house, signer=signer)
    await _two_claims(house)
    async with house.client("auditor") as client:
        answer = await client.get("/api/v1/audit/checkpoint")
    made = audit_checkpoints.read(answer.content)
    assert audit_checkpoints.signed(made, signer) == made
    assert made.number == 2
    assert 'filename="dabyl-audit-2.json"' in answer.headers["content-disposition"]
    last = (await rows(house))[-1]
    assert (last.who, last.what, last.key) == ("auditor", "checkpoint", "2")


async def test_what_is_refused_is_written_down_with_why_and_how_often(house: Built) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    async with house.client("bolat") as foreign, house.client("aigerim") as client:
        unseen = [await foreign.post(f"{path}/claim", json={}) for _ in range(3)]
        assert unseen[0].json()["detail"] == f"no alarm {alarm.id!r}"
        await client.post(f"{path}/claim", json={})
        await client.post(f"{path}/close", json={"version": 1, "disposition": "test"})
        await client.get("/api/v1/audit")
    async with house.client("supervisor") as late:
        assert (await late.post(f"{path}/claim", json={})).status_code == 409
    body = {"devices": [alarm.device], "minutes": 5, "reason": "a drill"}
    async with house.client("technician") as tester:
        assert (await tester.post("/api/v1/tests", json=body)).status_code == 409
    found = {one.data["why"]: one for one in await rows(house) if one.what == "refused"}
    assert {why: (one.who, one.data["count"]) for why, one in found.items()} == {
        Why.FOREIGN_DISTRICT: ("bolat", 3),
        Why.STALE_VERSION: ("aigerim", 1),
        Why.FORBIDDEN: ("aigerim", 1),
        Why.TAKEN: ("supervisor", 1),
        Why.ALARM_OPEN: ("technician", 1),
    }
    assert found[Why.ALARM_OPEN].key == alarm.id
    foreign_row = found[Why.FOREIGN_DISTRICT]
    assert foreign_row.key == alarm.id
    assert foreign_row.data["request"] == f"POST {path}/claim"
    assert foreign_row.district == "auezov"


async def test_what_does_not_exist_is_no_foreign_district(house: Built) -> None:
    async with house.client("bolat") as client:
        for path in ("alarms/nowhere", "sites/nowhere", "devices/nowhere", f"evidence/{'0' * 64}"):
            assert (await client.get(f"/api/v1/{path}")).status_code == 404
        assert await rows(house) == []
        for path in ("sites/school-12", "devices/button-12-1"):
            assert (await client.get(f"/api/v1/{path}")).status_code == 404
    found = [(one.key, one.data["why"]) for one in await rows(house)]
    assert found == [(key, Why.FOREIGN_DISTRICT) for key in ("school-12", "button-12-1")]


async def test_foreign_pages_old_sessions_and_strange_tokens_are_refused_and_written_down(
    house: Built,
) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}/claim"
    async with house.client() as client:
        await client.post("/api/v1/session", json={"token": "aigerim-secret"})
        crossed = await client.post(path, json={}, headers=_FOREIGN)
        assert (await client.post("/audit", headers=_FOREIGN)).status_code == 403
    async with house.client() as client:
        client.cookies.set("dabyl", "x" * 43)
        expired = await client.post(path, json={}, headers=_OURS)
    async with house.client("nobody") as client:
        unknown = await client.get("/api/v1/alarms")
    async with house.client() as client:
        failed = await client.post("/api/v1/session", json={"token": "guess"})
        stranger = await client.get("/api/v1/alarms")
    assert [one.status_code for one in (crossed, expired, unknown, failed, stranger)] == (
        [403, 401, 401, 401, 401]
    )
    refused = [one for one in await rows(house) if one.what == "refused"]
    assert {one.data["why"]: one.who for one in refused} == {
        Why.CROSS_SITE: "aigerim",
        Why.EXPIRED_SESSION: "",
        Why.UNKNOWN_TOKEN: "",
        Why.SIGN_IN_FAILED: "",
    }
    assert "guess" not in str(refused)


async def test_the_chain_is_checked_for_one_at_a_time_and_no_longer_than_somebody_waits(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _two_claims(house)
    monkeypatch.setattr(vouch, "PAGE", 1)
    one: checking.Checking = house.app.state.checking
    first, second = await asyncio.gather(one.look(house.house), one.look(house.house))
    assert ((first.state, first.rows), second.state) == (("whole", 2), "busy")
    monkeypatch.setattr(checking, "BREATH_S", 9.0)
    monkeypatch.setattr(checking, "WITHIN_S", 0.2)
    assert (await one.look(house.house)).state == "partly"


async def test_a_flood_of_refusals_fills_a_few_rows_and_loses_no_count(house: Built) -> None:
    request = _Request()
    found: refusals.Refusals = house.app.state.refusals
    for number in range(5000):
        found.add(Why.SIGN_IN_FAILED, request, name=f"guess-{number}")  # type: ignore[arg-type]
    written = await rows(house)
    assert len(written) <= refusals.ROOM
    assert sum(one.data["count"] for one in written) == 5000


async def test_an_export_is_written_down_before_it_goes_out_and_holds_no_formula(
    house: Built,
) -> None:
    alarm = await house.press(note="=HYPERLINK(1)")
    await house.press("b", device="+7-stranger", registered=False)
    async with house.client("auditor") as client:
        found = cells(await client.get("/api/v1/exports/alarms.csv"))
        second = cells(await client.get("/api/v1/exports/alarms.csv?separator=semicolon"), ";")
    assert found == second
    assert [one["id"] for one in found] == [alarm.id, "b" * 32]
    assert (found[0]["note"], found[1]["device"]) == ("'=HYPERLINK(1)", "'+7-stranger")
    assert found[0]["site_name"] == "Средняя школа № 12"
    assert [(one.what, one.key, one.data["rows"]) for one in await rows(house)] == (
        [("export", "alarms", 2)] * 2
    )


async def test_a_sheet_goes_on_over_many_pages_and_tells_when_an_alarm_was_seen(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    for number in range(5):
        await house.press(f"{number}")
    async with house.client("aigerim") as client:
        await client.post(f"/api/v1/alarms/{'3' * 32}/claim", json={})
    async with house.client("auditor") as client:
        alarms = cells(await client.get("/api/v1/exports/alarms.csv"))
        audit = cells(await client.get("/api/v1/exports/audit.csv"))
    assert [bool(one["first_seen_at"]) for one in alarms] == [False, False, False, True, False]
    assert [one["what"] for one in audit] == ["export", "claim"]


async def test_more_rows_than_a_sheet_holds_are_asked_for_in_parts(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST", 1)
    await house.press("a")
    await house.press("b")
    async with house.client("auditor") as client:
        answer = await client.get("/api/v1/exports/alarms.csv")
    assert answer.status_code == 422
    assert await rows(house) == []


async def _two_claims(house: Built) -> None:
    await house.press("a")
    await house.press("b", device="button-90-1")
    for name, key in (("aigerim", "a"), ("bolat", "b")):
        async with house.client(name) as client:
            await client.post(f"/api/v1/alarms/{AlarmId(key * 32)}/claim", json={})


async def _limited(house: Built, name: str, district: str) -> None:
    of_them = schema.tokens
    change = update(of_them).where(of_them.c.name == name).values(districts=f'["{district}"]')
    await house.database.write(lambda c: c.execute(change), Urgency.STEP)


class _Request:
    """As much of a request as is looked at."""

    method = "POST"
    client: Any = None

    class url:  # noqa: N801 - Starlette's name
        path = "/signin"


async def test_the_report_leads_to_the_sheet_of_its_time(house: Built) -> None:
    alarm = await house.press()
    async with house.client("auditor") as client:
        page = await client.get("/report?span=day&lang=ru")
        (link,) = re.findall(r'href="(/api/v1/exports/alarms\.csv[^"]*)"', page.text)
        found = cells(await client.get(html.unescape(link)), ";")
    assert [one["id"] for one in found] == [alarm.id]
