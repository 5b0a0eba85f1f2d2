"""People over the API and on their page: let in, changed, shut out, each by an admin of theirs."""

from collections.abc import AsyncIterator
from functools import partial

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from gateway.domain.operator import Role
from gateway.store import operators, schema
from gateway.store.database import Urgency
from gateway.store.operators import Token
from gateway.web import pages, words
from tests.web import judging, looped
from tests.web.building import Built
from tests.web.staffing import OURS, PASSWORD, by_name, let_in

PEOPLE = "/api/v1/people"


@looped.fixture
async def admin(staffed: Built) -> AsyncIterator[httpx2.AsyncClient]:
    """An admin of every district, signed in by name, on their page."""
    await let_in(staffed, "chief", role=Role.ADMIN)
    async with staffed.client() as client:
        await by_name(client, name="chief")
        client.headers.update(OURS)
        yield client


async def of_medeu(house: Built) -> httpx2.AsyncClient:
    """An admin of one district, by a token."""
    token = Token(
        name="local", role=Role.ADMIN, districts=("medeu",), created_at=house.house.clock.now()
    )
    await house.database.write(
        partial(operators.add_token, token=token, secret="local-secret"), Urgency.STEP
    )
    return house.client("local")


async def test_somebody_is_let_in_with_a_password_that_is_said_once(
    staffed: Built, admin: httpx2.AsyncClient
) -> None:
    asked = {"name": " Bota ", "role": "dispatcher", "districts": ["medeu"], "shown": "Бота"}
    answer = await admin.post(PEOPLE, json=asked)
    assert answer.status_code == 201, answer.text
    made = answer.json()["password"]
    assert answer.json()["person"]["name"] == "bota"
    assert answer.headers["cache-control"] == "no-store"
    async with staffed.client() as bota:
        assert (await by_name(bota, made, "bota")).status_code == 200
    listed = (await admin.get(PEOPLE)).json()["items"]
    assert [one["name"] for one in listed] == ["bota", "chief", "dana"]
    assert made not in str(listed)
    assert "argon2" not in str(listed)
    assert (await admin.post(PEOPLE, json=asked)).status_code == 409


async def test_a_new_password_and_a_shut_door_end_every_session(
    staffed: Built, admin: httpx2.AsyncClient
) -> None:
    async with staffed.client() as dana:
        await by_name(dana)
        made = (await admin.post(f"{PEOPLE}/dana/password")).json()["password"]
        assert (await dana.get("/api/v1/alarms")).status_code == 401
        assert (await by_name(dana)).status_code == 401
        assert (await by_name(dana, made)).status_code == 200
        shut = await admin.post(f"{PEOPLE}/dana/disable")
        assert shut.json()["disabled_at"] is not None
        assert (await dana.get("/api/v1/alarms")).status_code == 401
        assert (await by_name(dana, made)).status_code == 401
        await admin.post(f"{PEOPLE}/dana/enable")
        assert (await by_name(dana, made)).status_code == 200
    rows = await staffed.database.read(
        lambda c: c.execute(select(schema.audit.c.what, schema.audit.c.who)).all()
    )
    assert {("password_changed", "chief"), ("person_disabled", "chief")} <= {tuple(r) for r in rows}


async def test_what_somebody_is_counts_from_their_next_question_on(
    staffed: Built, admin: httpx2.AsyncClient
) -> None:
    async with staffed.client() as dana:
        await by_name(dana)
        body = {"role": "technician", "districts": ["auezov"], "shown": "Дана"}
        answer = await admin.post(f"{PEOPLE}/dana/change", json=body)
        assert (answer.json()["role"], answer.json()["districts"]) == ("technician", ["auezov"])
        staffed.app.state.doorman.forget()
        me = (await dana.get("/api/v1/session")).json()
    assert (me["role"], me["districts"], me["shown"]) == ("technician", ["auezov"], "Дана")


async def test_nobody_shuts_themselves_out_or_makes_what_is_no_person(
    admin: httpx2.AsyncClient,
) -> None:
    assert (await admin.post(f"{PEOPLE}/chief/disable")).status_code == 409
    demoted = await admin.post(f"{PEOPLE}/chief/change", json={"role": "auditor"})
    assert demoted.status_code == 409
    for wrong in ({"role": "machine"}, {"name": "a b"}, {"districts": [""]}, {"hash": "x"}):
        body = {"name": "bota", "role": "dispatcher"} | wrong
        assert (await admin.post(PEOPLE, json=body)).status_code == 422, wrong
    assert (await admin.post(f"{PEOPLE}/nobody/disable")).status_code == 404


async def test_an_admin_of_one_district_keeps_its_people_alone(staffed: Built) -> None:
    await let_in(staffed, "own", districts=("medeu",))
    await let_in(staffed, "other", districts=("auezov",))
    async with await of_medeu(staffed) as local:
        listed = (await local.get(PEOPLE)).json()["items"]
        assert [one["name"] for one in listed] == ["own"]
        for name in ("other", "dana"):  # dana is of every district
            for deed in ("disable", "password", "enable"):
                assert (await local.post(f"{PEOPLE}/{name}/{deed}")).status_code == 404
        for districts in ([], ["auezov"], ["medeu", "auezov"]):
            body = {"name": "bota", "role": "admin", "districts": districts}
            assert (await local.post(PEOPLE, json=body)).status_code == 403
            assert (await local.post(f"{PEOPLE}/own/change", json=body)).status_code in {403, 422}
            change = {"role": "admin", "districts": districts}
            assert (await local.post(f"{PEOPLE}/own/change", json=change)).status_code == 403
        assert (await local.post(f"{PEOPLE}/own/disable")).status_code == 200


@looped.fixture
async def desk(browser: Browser, served: Built) -> AsyncIterator[Page]:
    """The page of people before an admin; its faults fail the test."""
    faults: list[str] = []
    await let_in(served, "chief", role=Role.ADMIN)
    await let_in(served, shown="<img src=x onerror=alert(1)>")
    opened = await browser.new_page(base_url=served.url)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    await opened.goto("/signin?lang=en&next=/people")
    await opened.get_by_label("Name").fill("chief")
    await opened.get_by_label("Password").fill(PASSWORD)
    await opened.get_by_role("button", name="Come in").first.click()
    await expect(opened.get_by_role("heading", name="People")).to_be_visible()
    yield opened
    await opened.close()
    assert not faults


async def test_an_admin_lets_somebody_in_and_shuts_another_out_on_the_page(
    desk: Page, served: Built
) -> None:
    await desk.get_by_text("Let somebody in").click()
    await desk.get_by_label("Name to sign in with").fill("bota")
    new = desk.locator(".new")
    await new.get_by_label("medeu").check()
    await new.get_by_role("button", name="Let them in").click()
    made = await desk.locator(".secret").inner_text()
    async with served.client() as bota:
        answer = await by_name(bota, made, "bota")
        assert answer.json()["districts"] == ["medeu"]
    row = desk.locator(".everybody li").filter(has_text="dana")
    await expect(row.locator("b")).to_have_text("<img src=x onerror=alert(1)>")
    await row.locator("summary").click()
    await row.get_by_role("button", name="Let in no more").click()
    out = desk.locator(".everybody li.out")
    await expect(out).to_contain_text("shut out since")
    await expect(desk.locator(".secret")).to_have_count(0)
    async with served.client() as dana:
        assert (await by_name(dana)).status_code == 401


@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_the_page_fits_on_a_phone_in_every_language(desk: Page, language: str) -> None:
    await desk.set_viewport_size({"width": 360, "height": 720})
    await desk.goto(f"/people?lang={language}")
    for summary in await desk.locator("main summary").all():
        await summary.click()
    assert not await desk.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("theme", pages.THEMES)
async def test_the_page_is_accessible_in_every_theme(desk: Page, served: Built, theme: str) -> None:
    await desk.context.add_cookies([{"name": "theme", "value": theme, "url": served.url}])
    await desk.goto("/people")
    for summary in await desk.locator("main summary").all():
        await summary.click()
    assert await judging.faults(desk) == []


async def test_a_name_that_is_taken_is_told_where_it_was_typed(desk: Page) -> None:
    await desk.get_by_text("Let somebody in").click()
    await desk.get_by_label("Name to sign in with").fill("dana")
    await desk.get_by_role("button", name="Let them in").click()
    refusal = desk.locator("main").get_by_role("alert")
    await expect(refusal).to_contain_text("called so already")
    await expect(desk.get_by_label("Name to sign in with")).to_be_visible()


async def test_the_page_is_for_admins_and_its_forms_for_our_page_alone(house: Built) -> None:
    await let_in(house, "chief", role=Role.ADMIN)
    async with house.client() as client:
        await by_name(client, name="chief")
        form = {"do": "disable", "name": "chief"}
        assert (await client.post("/people", data=form)).status_code == 403
    async with house.client("supervisor") as client:
        assert (await client.get("/people")).status_code == 403
        assert (await client.post("/people", data=form)).status_code == 403
