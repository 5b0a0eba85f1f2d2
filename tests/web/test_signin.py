"""Signing in by name: on both databases, over sealed lines alone, from our page alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import argon2
import httpx2
import pytest
from sqlalchemy import select

from gateway import metrics, passwords
from gateway.domain.operator import Role
from gateway.store import people, schema, sessions
from gateway.store.database import Urgency
from gateway.store.people import Person
from gateway.web import auth, reception
from tests.harness.changed import replace
from tests.harness.clock import PushedClock
from tests.web import building
from tests.web.building import Built

PASSWORD = "мысық терезеде ұйықтап жатыр"
HASH = passwords.hashed(PASSWORD)
_OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def staffed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Built]:
    """A house with a dispatcher who has a password, once on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("database_url")
    async with building.built(tmp_path, url) as house:
        await let_in(house)
        yield house


async def let_in(house: Built, name: str = "dana", **more: object) -> Person:
    now = house.house.clock.now()
    person = Person(name=name, shown="Дана Ә.", role=Role.DISPATCHER, hash=HASH, created_at=now)
    person = replace(person, **more)
    await house.database.write(lambda c: people.add(c, person), Urgency.STEP)
    return person


def reached(house: Built, address: str = "10.0.0.7", scheme: str = "http") -> httpx2.AsyncClient:
    """A client at that address."""
    transport = httpx2.ASGITransport(app=house.app, client=(address, 40_000))
    return httpx2.AsyncClient(transport=transport, base_url=f"{scheme}://house")


def counted(result: str, way: str = "password") -> float:
    return float(metrics.sign_ins.labels(way, result)._value.get())  # noqa: SLF001 - prometheus has no other


async def by_name(
    client: httpx2.AsyncClient, password: str = PASSWORD, name: str = "dana"
) -> httpx2.Response:
    return await client.post("/api/v1/session", json={"name": name, "password": password})


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
        answer = await client.post("/signin", data=form, headers=_OURS)
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
        await client.delete("/api/v1/session", headers=_OURS)
    async with reached(staffed) as client:
        await client.post("/signin", data={"name": "dana", "password": PASSWORD})
    await staffed.app.state.refusals.write()
    rows = await staffed.database.read(
        lambda c: c.execute(select(schema.audit).order_by(schema.audit.c.number)).all()
    )
    assert [(row.what, row.who, row.key) for row in rows] == [
        ("sign_in", "dana", "dana"),
        ("sign_out", "dana", "dana"),
        ("refused", "dana", "sign_in_failed"),
        ("refused", "", "sign_in_failed"),
        ("refused", "", "plain_http"),
    ]
    assert '"way":"password"' in rows[0].data
    assert not any(word in str(rows) for word in ("not my", PASSWORD, "kx7m"))


async def test_a_password_is_refused_over_an_open_line_from_another_machine(
    staffed: Built,
) -> None:
    async with reached(staffed) as client:
        page = await client.get("/signin?lang=en")
        assert "not encrypted" in page.text
        answer = await by_name(client)
        form = await client.post("/signin", data={"name": "dana", "password": PASSWORD})
    assert (answer.status_code, form.status_code) == (403, 403)
    assert "https" in answer.json()["detail"]
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        async with reached(staffed, address) as client:
            assert (await by_name(client)).status_code == 200, address


async def test_a_session_is_refused_over_an_open_line_and_a_machines_token_is_not(
    staffed: Built,
) -> None:
    async with reached(staffed, scheme="https") as client:
        await by_name(client)
        stolen = dict(client.cookies)
    async with reached(staffed) as client:
        client.cookies.update(stolen)
        assert (await client.get("/api/v1/alarms")).status_code == 403
    async with reached(staffed) as centre:
        bearer = {"Authorization": "Bearer machine-secret"}
        assert (await centre.get("/api/v1/alarms", headers=bearer)).status_code == 200


async def test_a_form_of_a_foreign_page_signs_nobody_in(staffed: Built) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
    form = {"name": "dana", "password": PASSWORD}
    async with staffed.client() as client:
        answer = await client.post("/signin", data=form, headers=foreign)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        answer = await client.post("/signin", data=form, headers=_OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/wall?district=Medeu", "/wall?district=Medeu"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("evil", "/"),
        ("/signin?next=/signin", "/"),
        ("/api/v1/alarms", "/"),
    ],
)
async def test_whoever_came_in_is_led_on_to_a_page_of_ours_alone(
    house: Built, asked: str, led_to: str
) -> None:
    await let_in(house)
    async with house.client() as client:
        form = {"name": "dana", "password": PASSWORD, "next": asked}
        answer = await client.post("/signin", data=form, headers=_OURS)
    assert answer.headers["location"] == led_to


async def test_a_page_leads_a_person_to_the_door_and_a_program_reads_401(house: Built) -> None:
    async with house.client() as client:
        person = await client.get("/status?x=1", headers={"Accept": "text/html,*/*"})
        assert person.headers["location"] == "/signin?next=%2Fstatus%3Fx%3D1"
        assert (await client.get("/status")).status_code == 401
        api = await client.get("/api/v1/alarms", headers={"Accept": "text/html"})
        assert api.status_code == 401


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


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "dana"}, {"token": "a", "name": "dana", "password": "b"}, {"password": "b"}],
)
async def test_what_is_neither_a_token_nor_a_name_with_a_password_is_refused(
    house: Built, body: dict[str, str]
) -> None:
    async with house.client() as client:
        answer = await client.post("/api/v1/session", json=body)
    assert answer.status_code == 422
    assert "dana" not in answer.text


async def test_a_form_with_a_thousand_fields_is_refused(house: Built) -> None:
    async with house.client() as client:
        answer = await client.post("/signin", content="&".join(["a=1"] * 1000), headers=_OURS)
    assert answer.status_code == 400
