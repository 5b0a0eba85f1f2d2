"""Who arms the sound is offered to begin the shift; nothing of the sound waits for it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from gateway.web import words
from tests.harness import waiting
from tests.web import browsing, looped
from tests.web.building import Built
from tests.web.judging import unreadable
from tests.web.visiting import DESKTOP, PHONE, visit

_ARM_ANEW = """async () => {
  const bus = await import('/static/bus.js');
  for (const is of [false, true]) bus.emit('armed', is);
}"""


@looped.fixture
async def console(browser: Browser, served: Built) -> AsyncIterator[Page]:
    """A dispatcher's console, not armed yet."""
    async with visit(browser, served, "aigerim", "/") as page:
        await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
        yield page


async def test_a_shift_is_begun_in_one_step_after_the_sound_was_armed(
    served: Built, console: Page
) -> None:
    bar = console.locator("#bar-duty")
    await expect(bar).to_have_count(0)
    await browsing.arm(console)
    await expect(bar).to_contain_text("Your shift has not begun.")
    assert await _on_duty(served) == []
    await bar.get_by_role("button", name="Begin my shift").click()
    await expect(bar).to_have_text("iYour shift has begun.")
    assert await _on_duty(served) == ["aigerim"]
    await expect(bar).to_have_count(0, timeout=10_000)
    asked: list[str] = []
    console.on("requestfinished", lambda one: asked.append(one.url))
    await console.reload()
    await console.keyboard.press("x")  # a touch lets the sound run again
    await waiting.until(
        lambda: any(one.endswith("/shifts") for one in asked), within_s=8, what="it is asked"
    )
    await expect(console.locator("body")).to_have_attribute("data-sound", "on")
    await expect(bar).to_have_count(0)


async def test_the_sound_is_armed_though_no_shift_can_begin(served: Built, console: Page) -> None:
    await console.route("**/api/v1/shifts", _refuse_posts)
    await browsing.arm(console)
    bar = console.locator("#bar-duty")
    await bar.get_by_role("button", name="Begin my shift").click()
    await expect(bar).to_contain_text("The shift did not begin")
    await served.press()
    await expect(console.locator("body")).to_have_attribute("data-siren", "siren")
    await bar.get_by_role("button", name="Later").click()
    await expect(bar).to_have_count(0)
    await expect(console.locator("body")).to_have_attribute("data-sound", "on")


async def test_later_lasts_until_the_sound_is_armed_anew(console: Page) -> None:
    await browsing.arm(console)
    bar = console.locator("#bar-duty")
    await bar.get_by_role("button", name="Later").click()
    await expect(bar).to_have_count(0)
    await console.evaluate(_ARM_ANEW)
    await expect(bar).to_contain_text("Your shift has not begun.")


async def test_whom_somebody_hands_over_to_is_led_there(served: Built, console: Page) -> None:
    async with served.client("supervisor") as client:
        await client.post("/api/v1/shifts")
        await client.post("/api/v1/handovers", json={"note": "x", "taker": "aigerim"})
    await browsing.arm(console)
    bar = console.locator("#bar-duty")
    await expect(bar).to_contain_text("supervisor hands over the shift")
    async with console.context.expect_page() as opening:
        await bar.get_by_role("button").first.click()
    await expect(await opening.value).to_have_url(f"{served.url}/handover")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_the_offer_of_a_shift_can_be_read_in_every_language(
    served: Built, browser: Browser, lang: str, size: tuple[int, int]
) -> None:
    async with visit(browser, served, "aigerim", "/", lang, size) as page:
        for state in ("asked", "on"):
            await page.locator("#bar-sound button").first.click()
            await expect(page.locator("body")).to_have_attribute("data-sound", state)
        await expect(page.locator("#bar-duty")).to_be_attached()
        assert await unreadable(page) == []


async def _refuse_posts(route: Route) -> None:
    if route.request.method == "POST":
        await route.abort()
    else:
        await route.continue_()


async def _on_duty(served: Built) -> list[str]:
    async with served.client("supervisor") as client:
        found = (await client.get("/api/v1/shifts")).json()["items"]
    return [one["person"] for one in found]
