"""Who may come in, and to what: every route with every role, sessions, foreign pages, limits."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from gateway.domain.operator import RIGHTS, May, Role
from gateway.store import operators
from gateway.store.database import Urgency
from gateway.web import server
from tests.harness.changed import replace
from tests.web.building import Built

_CASES = [
    pytest.param(route, method, right, id=f"{method} {route.path}")
    for route, right in server.rights()
    for method in sorted(route.methods or ())
    if not route.path.endswith("/stream")  # it does not end; test_live opens it
]
_CLOSED = [case for case in _CASES if case.values[2] is not None]
_FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
_OURS = {"Sec-Fetch-Site": "same-origin"}


def _path(route: APIRoute) -> str:
    return re.sub(r"\{delivery\}", "1", re.sub(r"\{(?!delivery)\w+\}", "a", route.path))


@pytest.mark.parametrize(("route", "method", "right"), _CLOSED)
async def test_every_closed_route_admits_exactly_the_roles_with_its_right_when_they_ask(
    house: Built, route: APIRoute, method: str, right: May
) -> None:
    async with house.client() as stranger:
        assert (await stranger.request(method, _path(route))).status_code == 401
    for role in Role:
        async with house.client(role.value) as client:
            answer = await client.request(method, _path(route), json={})
        assert answer.status_code != 401, role
        assert (answer.status_code == 403) == (right not in RIGHTS[role]), (role, answer.text)
        assert answer.status_code < 400 or "problem+json" in answer.headers["content-type"]


def test_only_these_routes_are_open_to_everyone_when_all_are_asked() -> None:
    assert {case.id for case in _CASES if case.values[2] is None} == {
        "GET /", "GET /api/v1/docs", "GET /api/v1/openapi.json", "GET /audit", "GET /handover",
        "GET /handover/{handover}", "GET /livez", "GET /metrics", "GET /password", "GET /people",
        "GET /readyz", "GET /report", "GET /signin", "GET /signin/elsewhere",
        "GET /signin/elsewhere/back", "GET /wall", "GET /words/{language}.json",
        "POST /api/v1/session", "POST /audit", "POST /password", "POST /people", "POST /signin",
    }  # fmt: skip


def test_a_route_is_refused_at_the_start_when_it_names_no_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    careless = APIRouter()
    careless.add_api_route("/careless", lambda: None)
    monkeypatch.setattr(server, "ROUTERS", (*server.ROUTERS, careless))
    with pytest.raises(server.Undeclared, match="careless"):
        list(server.rights())


@asynccontextmanager
async def _signed_in(house: Built) -> AsyncIterator[httpx2.AsyncClient]:
    async with house.client() as client:
        answer = await client.post("/api/v1/session", json={"token": "aigerim-secret"})
        assert answer.status_code == 200, answer.text
        yield client


async def test_no_route_is_built_anew_when_the_first_question_comes(house: Built) -> None:
    routes = house.app.router.routes
    assert all(route in routes for route, _ in server.rights())


async def test_a_session_sees_and_steps_when_its_requests_come_from_our_page(house: Built) -> None:
    alarm = await house.press()
    async with _signed_in(house) as client:
        path = f"/api/v1/alarms/{alarm.id}/claim"
        assert (await client.get("/api/v1/alarms")).status_code == 200
        assert (await client.post(path, headers=_FOREIGN)).status_code == 403
        assert (await client.post(path)).status_code == 403
        evil = {"Origin": "http://evil.example"}
        assert (await client.post(path, headers=evil)).status_code == 403
        assert (await client.post(path, headers={"Origin": house.url})).status_code == 200
        assert (await client.post(path, headers=_OURS)).status_code == 200


async def test_a_session_cookie_is_out_of_reach_of_scripts_when_it_is_given(house: Built) -> None:
    async with house.client() as client:
        answer = await client.post("/api/v1/session", json={"token": "aigerim-secret"})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert answer.json()["name"] == "aigerim"


async def test_a_session_cookie_belongs_to_this_host_alone_when_there_is_tls(
    house: Built,
) -> None:
    house.app.state.house = replace(house.house, is_tls=True)
    async with house.client() as client:
        answer = await client.post("/api/v1/session", json={"token": "aigerim-secret"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-dabyl=")
    assert "Secure" in cookie
    assert "Path=/" in cookie


async def test_a_session_is_over_when_its_holder_signs_out(house: Built) -> None:
    async with _signed_in(house) as client:
        stolen = dict(client.cookies)
        assert (await client.delete("/api/v1/session", headers=_OURS)).status_code == 204
    async with house.client() as thief:
        thief.cookies.update(stolen)
        assert (await thief.get("/api/v1/alarms")).status_code == 401


async def test_machines_get_no_session_when_they_show_their_token(house: Built) -> None:
    for name in ("machine", "device"):
        async with house.client() as client:
            answer = await client.post("/api/v1/session", json={"token": f"{name}-secret"})
        assert answer.status_code == 401


async def test_a_link_opens_once_when_its_form_is_sent(house: Built) -> None:
    until = house.house.clock.now().replace(year=2099)
    await house.database.write(
        lambda c: operators.open_sign_in(c, "link", "aigerim", until, once=True), Urgency.STEP
    )
    async with house.client() as client:
        for _ in range(2):
            assert 'value="link"' in (await client.get("/signin?once=link")).text
        entered = await client.post("/signin", content="once=link")
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert 'id="alarms"' in (await client.get("/")).text
    async with house.client() as second:
        assert (await second.post("/signin", content="once=link")).status_code == 401


async def test_failed_sign_ins_must_wait_when_they_are_many(house: Built) -> None:
    async with house.client() as client:
        for _ in range(10):
            answer = await client.post("/api/v1/session", json={"token": "guess"})
            assert answer.status_code == 401
        answer = await client.post("/api/v1/session", json={"token": "aigerim-secret"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 6


async def test_a_revoked_token_opens_nothing_when_its_time_in_memory_is_over(house: Built) -> None:
    now = house.house.clock.now()
    await house.database.write(lambda c: operators.revoke(c, "aigerim", now), Urgency.STEP)
    async with house.client("aigerim") as client:
        assert (await client.get("/api/v1/alarms")).status_code == 401


async def test_bodies_are_refused_when_they_are_too_large(house: Built) -> None:
    async with house.client("aigerim") as client, house.client("device") as device:
        large = await client.post("/api/v1/tests", content=b"x" * 65_537)
        event = await device.post("/api/v1/events", content=b"{" + b"x" * 16_384)
        fitting = await device.post("/api/v1/events", content=b"{" + b"x" * 16_383)
    assert [one.status_code for one in (large, event, fitting)] == [413, 413, 202]
    assert large.json()["status"] == 413


async def test_an_event_is_answered_by_what_became_of_it_when_a_device_speaks_http(
    house: Built,
) -> None:
    async with house.client("device") as device:
        taken = await device.post("/api/v1/events", content=b'{"id": "e1"}')
        refused = await device.post("/api/v1/events", content=b"garbage")
    assert (taken.status_code, taken.json()["id"]) == (202, "e1")
    assert (refused.status_code, refused.json()["refused"]) == (422, "not_json")
    assert [device for device, _ in house.heard] == ["button-12-1"] * 2


async def test_every_answer_carries_the_shield_when_it_leaves(house: Built) -> None:
    async with house.client() as client:
        for path in ("/livez", "/signin", "/nowhere", "/api/v1/alarms", "/static/base.css"):
            headers = (await client.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'self';"), path
            assert headers["x-content-type-options"] == "nosniff"
        assert (await client.put("/livez")).headers["content-type"] == "application/problem+json"
