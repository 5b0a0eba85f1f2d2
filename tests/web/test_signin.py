"""Signing in by name, on both databases: who is let in, and what is kept of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import argon2
import httpx2
import pytest
from sqlalchemy import Connection, select

from gateway import passwords
from gateway.domain.operator import Role
from gateway.store import people, schema, sessions
from gateway.store.database import Urgency
from gateway.web import auth, live, reception
from tests.harness.changed import replace
from tests.harness.clock import PushedClock
from tests.web.building import Built
from tests.web.staffing import HASH, OURS, PASSWORD, by_name, counted, let_in, reached


async def test_a_person_comes_in_by_name_and_password_and_sees(staffed: Built) -> None:
    before = counted("entered")
    async with staffed.client() as client:
        answer = await by_name(client, name=" Dana ")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["name"], answer.json()["shown"]) == ("dana", "Дана Ә.")
        assert (await client.get("/api/v1/alarms")).status_code == 200
        assert (await client.get("/api/v1/session")).json()["role"] == "dispatcher"
    assert counted("entered") == before + 1


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("dana", "another password"),
        ("dana", ""),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("elsewhere", PASSWORD),
        ("da\x00na", PASSWORD),
        ("x" * 80, PASSWORD),
        ("aigerim", "aigerim-secret"),
    ],
)
async def test_whoever_is_not_let_in_reads_the_same_whatever_was_wrong(
    staffed: Built, name: str, password: str
) -> None:
    await let_in(staffed, "gone", disabled_at=staffed.house.clock.now())
    await let_in(staffed, "elsewhere", hash=None)
    async with staffed.client() as client:
        form = {"name": name, "password": password}
        answer = await client.post("/signin", data=form, headers=OURS)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_password_that_is_wrong_takes_as_long_for_nobody_as_for_somebody(
    staffed: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str | None] = []

    def fits(kept: str | None, _: str) -> bool:
        tried.append(kept)
        return False

    monkeypatch.setattr(passwords, "fits", fits)
    async with staffed.client() as client:
        for name in ("dana", "nobody", "da na"):
            assert (await by_name(client, name=name)).status_code == 401
    assert tried == [HASH, None, None]


async def test_guesses_must_wait_by_account_and_its_holder_at_the_desk_does_not(
    staffed: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "fits", lambda _, given: given == PASSWORD)
    async with reached(staffed, scheme="https") as desk:
        assert (await by_name(desk)).status_code == 200
        for number in range(10):
            async with reached(staffed, f"10.1.0.{number}", "https") as guesser:
                assert (await by_name(guesser, "a guess of theirs")).status_code == 401
        async with reached(staffed, "10.1.1.1", "https") as guesser:
            last = await by_name(guesser, "a guess of theirs")
        assert last.status_code == 429
        assert 0 < int(last.headers["retry-after"]) <= 6
        assert (await by_name(desk)).status_code == 200


async def test_who_came_in_went_out_and_was_refused_is_written_down_and_no_password(
    staffed: Built,
) -> None:
    async with staffed.client() as client:
        await by_name(client, "not my password")
        await by_name(
            client, PASSWORD, name="kx7m-p3qd-9rtw-h4zn"
        )  # it was typed in the wrong field
        await by_name(client)
        await client.delete("/api/v1/session", headers=OURS)
    async with reached(staffed) as client:
        await client.post("/signin", data={"name": "dana", "password": PASSWORD})
    await staffed.app.state.refusals.write()
    rows = await staffed.database.read(
        lambda c: c.execute(select(schema.audit).order_by(schema.audit.c.number)).all()
    )
    assert [(row.what, row.who, json.loads(row.data).get("why")) for row in rows] == [
        ("sign_in", "dana", None),
        ("sign_out", "dana", None),
        ("refused", "dana", "sign_in_failed"),
        ("refused", "", "sign_in_failed"),
        ("refused", "", "plain_http"),
    ]
    assert '"way":"password"' in rows[0].data
    assert not any(word in str(rows) for word in ("not my", PASSWORD, "kx7m"))


async def test_a_disabled_person_sees_nothing_when_two_seconds_are_over(staffed: Built) -> None:
    clock = PushedClock(staffed.house.clock.now())
    doorman = staffed.app.state.doorman
    staffed.app.state.house = doorman._house = replace(staffed.house, clock=clock)  # noqa: SLF001 - made before
    async with staffed.client() as client:
        await by_name(client)
        assert (await client.get("/api/v1/alarms")).status_code == 200
        await staffed.database.write(lambda c: people.disable(c, "dana", clock.now()), Urgency.STEP)
        await clock.push(auth.CACHED_S)
        assert (await client.get("/api/v1/alarms")).status_code == 401


async def test_it_is_known_to_the_minute_when_a_session_was_last_used(staffed: Built) -> None:
    clock = PushedClock(staffed.house.clock.now())
    doorman = staffed.app.state.doorman
    staffed.app.state.house = doorman._house = replace(staffed.house, clock=clock)  # noqa: SLF001 - made before
    async with staffed.client() as client:
        await by_name(client)
        begun = clock.now()
        for seconds in (30, 31, 30):
            await clock.push(seconds)
            await client.get("/api/v1/alarms")
        (used,) = await staffed.database.read(lambda c: sessions.of(c, "dana", clock.now()))
    assert used.seen_at is not None
    assert (used.seen_at - begun).total_seconds() == 61
    assert used.address == "127.0.0.1"


async def test_a_hash_of_yesterdays_cost_is_renewed_when_its_holder_comes_in(
    staffed: Built,
) -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    await let_in(staffed, "old", hash=weak.hash(PASSWORD))
    async with staffed.client() as client:
        assert (await by_name(client, name="old")).status_code == 200
        assert (await client.get("/api/v1/alarms")).status_code == 200
    kept = await staffed.database.read(lambda c: people.get(c, "old"))
    assert kept is not None
    assert kept.hash is not None
    assert not passwords.is_dated(kept.hash)


async def test_whoever_comes_when_too_many_sign_in_is_told_to_come_again(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    await let_in(house)
    monkeypatch.setattr(reception, "WAITING", 0)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(work: Callable[[], object]) -> object:
        begun.set()
        await go_on.wait()
        return work()

    monkeypatch.setattr(asyncio, "to_thread", slowly)
    async with house.client() as client:
        first = [asyncio.create_task(_send(client)) for _ in range(reception.TRIES)]
        await begun.wait()
        busy = await by_name(client)
        go_on.set()
        assert [(await one).status_code for one in first] == [200] * reception.TRIES
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")


async def _send(client: httpx2.AsyncClient) -> httpx2.Response:
    made: Awaitable[httpx2.Response] = by_name(client)
    return await made


async def test_an_open_stream_ends_when_its_person_is_disabled_or_changed_or_signs_out(
    served: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ASKED_EACH_S", 0.05)
    monkeypatch.setattr(auth, "CACHED_S", 0.0)
    await let_in(served)
    now = served.house.clock.now()
    ends: list[Callable[[Connection], object]] = [
        lambda c: people.change(c, "dana", Role.DISPATCHER, ("auezov",), "D."),
        lambda c: people.set_password(c, "dana", HASH, now),
        lambda c: people.disable(c, "dana", now),
    ]
    for end in ends:
        async with httpx2.AsyncClient(base_url=served.url) as client:
            await by_name(client)
            async with client.stream("GET", "/api/v1/alarms/stream") as stream:
                lines = stream.aiter_lines()
                assert "retry" in await anext(lines)
                await served.database.write(end, Urgency.STEP)
                async with asyncio.timeout(5):
                    async for _ in lines:
                        pass


async def test_a_person_hears_the_stream_for_as_long_as_they_are_let_in(served: Built) -> None:
    await let_in(served)
    async with httpx2.AsyncClient(base_url=served.url) as client:
        await by_name(client)
        async with client.stream("GET", "/api/v1/alarms/stream") as stream:
            beats = 0
            async for line in stream.aiter_lines():
                beats += line == "event: heartbeat"
                if beats == 3:
                    break
    assert beats == 3
