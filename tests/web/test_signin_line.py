"""Over which line, from which page and to which page one signs in."""

import pytest

from tests.web.building import Built
from tests.web.staffing import OURS, PASSWORD, by_name, let_in, reached


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
        answer = await client.post("/signin", data=form, headers=OURS)
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
        answer = await client.post("/signin", data=form, headers=OURS)
    assert answer.headers["location"] == led_to


async def test_a_page_leads_a_person_to_the_door_and_a_program_reads_401(house: Built) -> None:
    async with house.client() as client:
        person = await client.get("/status?x=1", headers={"Accept": "text/html,*/*"})
        assert person.headers["location"] == "/signin?next=%2Fstatus%3Fx%3D1"
        assert (await client.get("/status")).status_code == 401
        api = await client.get("/api/v1/alarms", headers={"Accept": "text/html"})
        assert api.status_code == 401


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
        answer = await client.post("/signin", content="&".join(["a=1"] * 1000), headers=OURS)
    assert answer.status_code == 400
