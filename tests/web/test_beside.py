"""The pages beside the console: a press is seen there, and the console goes on sounding."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from gateway import operate
from gateway.domain.operator import Operator, Role
from tests.harness import cable, waiting
from tests.web import browsing, looped
from tests.web.building import Built
from tests.web.judging import unreadable
from tests.web.visiting import PHONE, visit

WITHIN_MS = 2000
_OTHER = Operator(name="aigerim", role=Role.DISPATCHER)


@looped.fixture
async def context(browser: Browser, served: Built) -> AsyncIterator[BrowserContext]:
    """The browser of a supervisor, who may see every page but one."""
    async with browsing.signed_in(browser, served, "supervisor") as opened:
        yield opened


@pytest.mark.parametrize("path", ["/handover", "/report", "/audit"])
async def test_a_press_is_seen_beside_the_console_until_somebody_claims_it(
    served: Built, browser: Browser, path: str
) -> None:
    async with visit(browser, served, "supervisor", path) as page:
        await _listens(page)
        alarm = await served.press()
        bar = page.locator("#bar-waits")
        await expect(bar).to_contain_text("A press waits: Secondary school", timeout=WITHIN_MS)
        await expect(bar).to_have_attribute("data-level", "press")
        await expect(page).to_have_title(re.compile(r"^\(1\) "), timeout=WITHIN_MS)
        await operate.claim(served.house.desk, _OTHER, alarm.id)
        served.house.wakeups.wake()
        await expect(bar).to_have_count(0, timeout=WITHIN_MS)


@pytest.mark.parametrize("path", ["/password", "sheet"])
async def test_a_press_is_seen_at_ones_password_and_on_a_sheet_but_not_on_its_paper(
    served: Built, browser: Browser, path: str
) -> None:
    if path == "sheet":
        async with served.client("supervisor") as client:
            await client.post("/api/v1/shifts")
            offer = (await client.post("/api/v1/handovers", json={"note": "x"})).json()
            path = f"/handover/{offer['id']}"
    async with visit(browser, served, "supervisor", path, size=PHONE) as page:
        await _listens(page)
        await served.press()
        bar = page.locator("#bar-waits")
        await expect(bar).to_contain_text("A press waits: Secondary school", timeout=WITHIN_MS)
        assert await unreadable(page) == []
        await page.emulate_media(media="print")
        await expect(bar).to_be_hidden()
        await page.emulate_media(media="screen")
        await bar.get_by_role("button", name="Open the console").click()
        await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")


async def test_what_waited_before_the_page_opened_is_seen_and_leads_to_the_console(
    served: Built, browser: Browser
) -> None:
    await served.press("a")
    await served.press("b", device="button-90-1")
    await served.press("c", test=True)
    async with visit(browser, served, "admin", "/people") as page:
        bar = page.locator("#bar-waits")
        await expect(bar).to_contain_text("2 presses wait; the oldest: Secondary school")
        await bar.get_by_role("button", name="Open the console").click()
        await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")


async def test_a_press_of_other_districts_is_not_told(served: Built, browser: Browser) -> None:
    async with visit(browser, served, "bolat", "/handover") as page:
        await _listens(page)
        await served.press("a")
        await served.press("b", device="button-90-1")
        bar = page.locator("#bar-waits")
        await expect(bar).to_contain_text("A press waits: Gymnasium No. 90")


@pytest.mark.parametrize("path", ["/handover", "/report"])
async def test_a_gateway_that_is_not_heard_is_told_beside_the_console_too(
    served: Built, browser: Browser, path: str
) -> None:
    async with cable.Cable(int(served.url.rpartition(":")[2])) as line:
        served.url = f"http://127.0.0.1:{line.port}"
        async with visit(browser, served, "supervisor", path) as page:
            await _listens(page)
            line.stall()
            bar = page.locator("#bar-silent")
            await expect(bar).to_be_visible(timeout=8000)
            line.heal()
            await expect(bar).to_have_count(0, timeout=15_000)


async def _listens(page: Page) -> None:
    """Its scripts run: until then it says that they do not."""
    await expect(page.locator("#asleep")).to_have_count(0)


async def _beside(page: Page, name: str) -> Page:
    async with page.context.expect_page() as opening:
        await page.get_by_role("link", name=name, exact=True).click()
    opened = await opening.value
    await _listens(opened)
    return opened


async def test_the_console_sounds_on_in_its_tab_and_is_where_one_comes_back_to(
    served: Built, context: BrowserContext
) -> None:
    async with browsing.console(context) as console:
        await browsing.arm(console)
        beside = await _beside(console, "Shift")
        await served.press()
        await expect(beside.locator("#bar-waits")).to_be_visible(timeout=WITHIN_MS)
        await expect(console.locator("body")).to_have_attribute("data-siren", "siren")
        await expect(console.locator("body")).to_have_attribute("data-sound", "on")
        await console.evaluate("window.isTheSame = true")
        await beside.get_by_role("link", name="Console", exact=True).click()
        await beside.get_by_role("button", name="Open the console").click()
        await expect(beside).to_have_url(f"{served.url}/handover")
        assert await console.evaluate("window.isTheSame")
        assert len(context.pages) == 2


async def test_a_page_beside_the_console_is_no_console_that_is_armed(
    served: Built, context: BrowserContext
) -> None:
    async with browsing.console(context) as console:
        await browsing.arm(console)
        await waiting.until(lambda: _is_armed(served, is_so=True), within_s=8, what="it is armed")
        beside = await _beside(console, "Shift")
        await console.goto("about:blank")
        await waiting.until(lambda: _is_armed(served, is_so=False), within_s=8, what="it is told")
        await expect(beside.locator("#bar-unarmed")).to_be_visible(timeout=WITHIN_MS * 5)


async def _is_armed(served: Built, *, is_so: bool) -> bool:
    async with served.client("supervisor") as client:
        found = (await client.get("/api/v1/consoles")).json()
    return [one["armed"] for one in found["items"]] == [is_so]
