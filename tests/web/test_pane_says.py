"""What the open alarm says of people: who responded, who did what, and how many are inside."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from gateway.domain.alarm import State
from gateway.domain.escalation import Rung, Why
from tests.web import crowd, panes, papers
from tests.web.building import Built
from tests.web.listing import place
from tests.web.visiting import DESKTOP, PHONE, visit

ALARM = "a" * 32


async def test_what_a_machine_did_is_said_to_be_the_centres(
    served: Built, browser: Browser
) -> None:
    await served.press()
    async with served.client("machine") as centre:
        said = {"id": "r1", "state": "on_scene"}
        assert (await centre.post(f"/api/v1/alarms/{ALARM}/respond", json=said)).is_success
    async with visit(browser, served, "aigerim", "/", "ru") as page:
        await page.locator("#alarms .entry").first.click()
        pane = panes.pane(page)
        await expect(pane.locator(".state")).to_have_text("Просмотрена · наряд на месте — центр")
        newest = pane.locator(".line li").first
        await expect(newest.locator(".what")).to_have_text("Наряд на месте")
        await expect(newest.locator(".by")).to_have_text("центр")


async def test_what_was_handed_over_and_who_was_called_is_said_in_words(
    served: Built, browser: Browser
) -> None:
    await served.press()
    async with served.client("aigerim") as giver, served.client("dispatcher") as taker:
        await giver.post("/api/v1/shifts")
        await giver.post(f"/api/v1/alarms/{ALARM}/claim", json={})
        offer = (await giver.post("/api/v1/handovers", json={"note": ""})).json()
        await taker.post(f"/api/v1/handovers/{offer['id']}/take")
    async with visit(browser, served, "dispatcher", "/", "ru") as page:
        row = page.locator("#alarms .entry").first
        await expect(row.locator(".state")).to_have_text("Взята")
        await row.click()
        what = panes.pane(page).locator(".line li .what").first
        await expect(what).to_have_text("Передана со сменой")


@pytest.mark.parametrize(
    ("language", "state", "what"),
    [
        ("kk", "Қаралды · ауысым басшысы шақырылды",
         "Ауысым басшысы шақырылды: қаралды, бірақ ешкім қабылдаған жоқ"),
        ("ru", "Просмотрена · вызван старший смены",
         "Вызван старший смены: просмотрена, но никто не взял"),
        ("en", "Seen · supervisor called", "Supervisor called: seen, but nobody has claimed it"),
    ],
)  # fmt: skip
async def test_who_was_called_for_what_was_only_seen_and_why_is_said_in_words(
    served: Built, browser: Browser, language: str, state: str, what: str
) -> None:
    await served.press()
    async with served.client("aigerim") as one:
        version = (await one.get(f"/api/v1/alarms/{ALARM}")).json()["version"]
        await one.post(f"/api/v1/alarms/{ALARM}/acknowledge", json={"version": version})
    await crowd.climb(served, ALARM, Rung.SUPERVISOR, Why.SEEN_ONLY)
    async with visit(browser, served, "dispatcher", "/", language) as page:
        row = page.locator("#alarms .entry").first
        await expect(row.locator(".holder")).to_have_text(state.rpartition(" · ")[2])
        await row.click()
        pane = panes.pane(page)
        await expect(pane.locator(".state")).to_have_text(state)
        await expect(pane.locator(".line li .what").first).to_have_text(what)


async def test_nobody_inside_is_said_small_and_in_doubt(served: Built, page: Page) -> None:
    await papers.people_inside(served, 0)
    inside = (await panes.waits(served, page)).locator(".inside")
    await expect(inside).to_have_text("By the turnstiles nobody is inside: that may be wrong")
    await expect(inside.locator("b")).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("counted", [412, 0, None])
async def test_the_steps_stay_in_their_place_when_the_count_comes_late(
    served: Built, browser: Browser, size: tuple[int, int], counted: int | None
) -> None:
    if counted is not None:
        await papers.people_inside(served, counted)
    free = asyncio.Event()

    async def late(route: Route) -> None:
        await free.wait()
        await route.continue_()

    async with visit(browser, served, "aigerim", "/", "kk", size) as page:
        await page.route("**/papers", late)
        pane = await panes.waits(served, page)
        claim = pane.locator('[data-step="claim"]')
        before = await place(claim)
        free.set()
        await expect(pane.locator(".procedure")).to_be_visible()
        said = "" if counted is None else "Турникеттер"
        await expect(pane.locator(".inside")).to_contain_text(said)
        assert await place(claim) == pytest.approx(before, abs=0.5)


@pytest.mark.parametrize("what", ["reopen", "handed_over"])
async def test_since_when_somebody_holds_it_is_told_however_it_came_to_them(
    served: Built, page: Page, what: str
) -> None:
    await served.press(claimed_by="dispatcher", state=State.ACKNOWLEDGED)
    at = (served.house.clock.now() - timedelta(minutes=3, seconds=5)).isoformat()

    async def earlier(route: Route) -> None:
        answer = await route.fetch()
        line: dict[str, object] = {
            "what": what,
            "by": "dispatcher",
            "at": at,
            "note": None,
            "data": {},
        }
        await route.fulfill(response=answer, json=await answer.json() | {"transitions": [line]})

    await page.route(f"**/api/v1/alarms/{ALARM}", earlier)
    await page.locator("#alarms .entry").click()
    await page.wait_for_timeout(panes.MEANT_MS)
    await page.keyboard.press("a")
    refusal = panes.pane(page).locator(".pane-body > .refusal")
    await expect(refusal).to_have_text("Taken by dispatcher 3 min ago.")
