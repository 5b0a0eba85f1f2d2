"""Handing over in a real browser, and over the API: one offers, the other takes, and both know."""

import pytest
from playwright.async_api import Browser, expect

from gateway import operate
from gateway.domain.alarm import State
from gateway.domain.operator import Operator, Role
from gateway.web import words
from tests.web import browsing
from tests.web.building import Built
from tests.web.visiting import PHONE, visit

_SUBMIT_TWICE = "document.forms.give.requestSubmit(); document.forms.give.requestSubmit()"
_PRESSED_AGAIN = {"en": "Pressed again", "ru": "Нажата снова", "kk": "Қайта басылды"}
AIGERIM = Operator(name="aigerim", role=Role.DISPATCHER)


async def test_one_hands_over_and_the_other_takes_it_with_what_was_held(
    served: Built, browser: Browser
) -> None:
    alarm = await served.press()
    await operate.claim(served.house.desk, AIGERIM, alarm.id)
    async with (
        visit(browser, served, "aigerim", "/handover") as gives,
        visit(browser, served, "dispatcher", "/handover") as takes,
    ):
        await gives.get_by_role("button", name="Begin my shift").click()
        await expect(gives.locator(".duty")).to_contain_text("aigerim")
        await gives.get_by_label("Note").fill("Watch <b>school</b> 12")
        await gives.get_by_label("To whom").select_option("dispatcher")
        await gives.get_by_role("button", name="Hand over; open alarms: 1").click()
        await expect(gives.locator(".offer")).to_contain_text("You stay on duty until")
        await takes.reload()
        offer = takes.locator(".offer")
        await expect(offer.locator("blockquote")).to_have_text("Watch <b>school</b> 12")
        await offer.get_by_role("button", name="Take over").click()
        await expect(takes.locator(".duty")).to_contain_text("dispatcher")
        await expect(takes.locator(".duty")).not_to_contain_text("aigerim")
        await expect(takes.locator(".opened")).to_contain_text("held by dispatcher")
        await gives.get_by_role("button", name="Withdraw").click()
        await expect(gives.locator("#refusal")).to_contain_text("withdrawn or is over")
        await takes.locator(".shifts a").first.click()
        await expect(takes.locator(".opened")).to_contain_text("held by aigerim")
        await expect(takes.locator(".signatures")).to_contain_text("dispatcher")


@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_what_is_held_and_was_pressed_again_is_nowhere_said_to_be_nobodys(
    served: Built, browser: Browser, lang: str
) -> None:
    await served.press("a", claimed_by="dispatcher", state=State.UNACKNOWLEDGED, count=2)
    said = _PRESSED_AGAIN[lang]
    async with visit(browser, served, "aigerim", "/", lang) as page:
        await expect(page.locator("#alarms .entry .state")).to_have_text(said)
        await page.locator("#alarms .entry").first.click()
        await expect(page.locator("#pane .state")).to_contain_text(f" · {said}")
    async with visit(browser, served, "aigerim", "/handover", lang) as page:
        await expect(page.locator(".opened tbody td").last).to_contain_text(said)
    async with visit(browser, served, "aigerim", "/wall", lang) as page:
        await expect(page.locator("#rows .holder")).to_contain_text(f" · {said}")


async def test_the_giver_sees_that_it_was_taken_when_they_look_again(
    served: Built, browser: Browser
) -> None:
    async with visit(browser, served, "aigerim", "/handover") as gives:
        await gives.get_by_role("button", name="Begin my shift").click()
        await gives.get_by_label("Note").fill("half a wor")
        async with served.client("aigerim") as client:
            offer = (await client.post("/api/v1/handovers", json={"note": "x"})).json()
        await gives.evaluate("dispatchEvent(new Event('focus'))")
        await expect(gives.locator(".offer")).to_contain_text("You stay on duty until")
        await expect(gives.get_by_label("Note")).to_have_value("half a wor")
        async with served.client("dispatcher") as client:
            await client.post(f"/api/v1/handovers/{offer['id']}/take")
        await gives.evaluate("dispatchEvent(new Event('focus'))")
        await expect(gives.locator(".duty")).not_to_contain_text("aigerim")
        await expect(gives.locator("#give")).to_have_count(0)
        await gives.get_by_role("button", name="Begin my shift").click()
        await expect(gives.locator(".duty")).to_contain_text("aigerim")


async def test_an_offer_is_sent_once_however_often_it_is_pressed(
    served: Built, browser: Browser
) -> None:
    async with visit(browser, served, "aigerim", "/handover") as page:
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.method + one.url.rpartition("/")[2]))
        await page.get_by_role("button", name="Begin my shift").click()
        await expect(page.locator("#give")).to_be_visible()
        await page.wait_for_load_state()
        await page.evaluate(_SUBMIT_TWICE)
        await expect(page.locator(".offer")).to_be_visible()
    assert sent.count("POSThandovers") == 1


async def test_an_offer_that_is_sent_before_the_script_is_there_puts_its_note_nowhere(
    served: Built, browser: Browser
) -> None:
    async with served.client("aigerim") as client:
        await client.post("/api/v1/shifts")
    async with browsing.signed_in(browser, served, "aigerim") as context:
        page = await context.new_page()
        await page.route("**/handover.js", lambda route: route.abort())
        await page.goto("/handover")
        await page.get_by_label("Note").fill("said in confidence")
        await page.get_by_role("button", name="Hand over;").click()
        await expect(page.get_by_label("Note")).to_have_value("said in confidence")
        assert page.url.endswith("/handover")


async def test_a_second_taker_reads_who_was_first(served: Built, browser: Browser) -> None:
    async with served.client("aigerim") as client:
        await client.post("/api/v1/shifts")
        offer = (await client.post("/api/v1/handovers", json={"note": "x"})).json()
    async with visit(browser, served, "dispatcher", "/handover") as late:
        async with served.client("supervisor") as client:
            await client.post(f"/api/v1/handovers/{offer['id']}/take")
        await late.get_by_role("button", name="Take over").click()
        await expect(late.locator("#refusal")).to_contain_text("supervisor has taken it over")


async def test_who_would_leave_an_empty_room_reads_that_they_must_hand_over(
    served: Built, browser: Browser
) -> None:
    await served.press()
    async with visit(browser, served, "aigerim", "/handover") as page:
        await page.get_by_role("button", name="Begin my shift").click()
        await page.get_by_role("button", name="End my shift").click()
        await page.get_by_role("button", name=words.say("en", "handover.end_sure")).click()
        await expect(page.locator("#refusal")).to_contain_text("hand over your shift")


async def test_a_hand_over_about_other_districts_does_not_exist(house: Built) -> None:
    async with house.client("aigerim") as client:
        await client.post("/api/v1/shifts")
        offer = (await client.post("/api/v1/handovers", json={"note": "secret"})).json()
    async with house.client("bolat") as client:
        assert (await client.get("/api/v1/handovers")).json()["items"] == []
        for path in (f"/api/v1/handovers/{offer['id']}", f"/handover/{offer['id']}"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post(f"/api/v1/handovers/{offer['id']}/take")).status_code == 404
        assert "secret" not in (await client.get("/handover")).text
        shifts = (await client.get("/api/v1/shifts")).json()["items"]
        assert [one["person"] for one in shifts] == ["aigerim"]


@pytest.mark.parametrize(
    "body", [{"note": "x" * 2001}, {"taker": ""}, {"note": "a\0"}, {"to": "b"}]
)
async def test_a_hand_over_that_cannot_be_read_is_refused(
    house: Built, body: dict[str, str]
) -> None:
    async with house.client("aigerim") as client:
        await client.post("/api/v1/shifts")
        assert (await client.post("/api/v1/handovers", json=body)).status_code == 422


@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_a_hand_over_fits_a_phone_in_every_language(
    served: Built, browser: Browser, lang: str
) -> None:
    alarm = await served.press()
    async with served.client("aigerim") as client:
        await client.post("/api/v1/shifts")
        note = {"note": "A" * 300 + " \u202eright to left\u202c"}
        offer = (await client.post("/api/v1/handovers", json=note)).json()
    assert offer["open"][0]["id"] == alarm.id
    for path in ("/handover", f"/handover/{offer['id']}"):
        async with visit(browser, served, "dispatcher", path, lang, PHONE) as page:
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= PHONE[0], path
