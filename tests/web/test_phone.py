"""The console on a phone: what is needed first has the room; what is down is told in a line."""

import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from gateway.web import words
from tests.web import panes, papers
from tests.web.building import Built
from tests.web.judging import faults, unreadable
from tests.web.visiting import PHONE, visit

_UNTAKEN = {"kk": "Ешкім қабылдамады", "ru": "Никто не взял", "en": "Nobody has taken it"}
_SMALL = """(least) => [...document.querySelectorAll("button, a, input, select, summary")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least)
  .map(([one]) => one.outerHTML.slice(0, 80))"""


async def _edges(one: Locator) -> tuple[float, float]:
    box = await one.bounding_box()
    assert box is not None, one
    return box["y"], box["y"] + box["height"]


@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_an_open_alarm_has_the_phone_to_itself_though_the_sound_is_off(
    served: Built, browser: Browser, lang: str
) -> None:
    papers.write(served)
    await served.press("a", kind="panic.holdup", silent=True)
    await served.press("b", device="gate-12-1")
    async with visit(browser, served, "aigerim", "/", lang, PHONE) as page:
        pane = panes.pane(page)
        await expect(page.locator("#bar-sound")).to_be_visible()
        await expect(page.locator("#bar-unarmed")).to_be_visible()
        await expect(pane.locator(".procedure li").first).to_be_visible()
        claim, _ = await _edges(pane.locator("[data-step=claim]"))
        head = (await _edges(page.locator(".pane-head")))[1]
        assert claim - head > 0.6 * PHONE[1]
        for what in (".hush", ".site", ".where", ".address", ".phones a", ".procedure li"):
            top, end = await _edges(pane.locator(what).first)
            assert (head <= top, end <= claim) == (True, True), what
        assert await page.evaluate(_SMALL, 24) == []
        for what in ("[data-step=claim]", ".phones a", ".shut", ".beside-more"):
            top, end = await _edges(pane.locator(what).first)
            assert end - top >= 44, what
        assert await unreadable(page) == []
        await pane.locator(".line").scroll_into_view_if_needed()
        assert await faults(page) == []


async def test_a_bar_on_a_phone_is_one_line_and_is_read_whole_at_a_touch(
    served: Built, browser: Browser
) -> None:
    async with visit(browser, served, "aigerim", "/", size=PHONE) as page:
        sound, unarmed = page.locator("#bar-sound"), page.locator("#bar-unarmed")
        await expect(sound.locator(".brief")).to_have_text("No sound")
        await expect(unarmed.locator(".brief")).to_have_text("Nobody listens, districts: 2")
        for bar in (sound, unarmed):
            top, end = await _edges(bar)
            assert 44 <= end - top <= 48
        await expect(sound).to_have_attribute("data-level", "stop")
        await expect(page.get_by_role("alert").filter(has_text="would not be heard")).to_have_count(
            1
        )
        await _put_two_more(page)
        await expect(page.locator("#bar-x")).to_be_hidden()
        await page.get_by_role("button", name=re.compile(r"\d more")).click()
        await expect(page.locator("#bar-x")).to_be_visible()
        await expect(sound.locator(".said")).to_be_visible()
        await expect(sound.locator(".brief")).to_be_hidden()
        assert await unreadable(page) == []
        await page.get_by_role("button", name="Show fewer").click()
        await expect(page.locator("#bar-x")).to_be_hidden()


async def _put_two_more(page: Page) -> None:
    await page.evaluate(
        "async () => { const bars = await import('/static/bars.js');"
        " bars.show('x', 'warn', 'one'); bars.show('y', 'note', 'two'); }"
    )


async def test_the_heads_less_used_buttons_come_at_a_touch_and_go_when_a_press_comes(
    served: Built, browser: Browser
) -> None:
    async with visit(browser, served, "aigerim", "/", size=PHONE) as page:
        leave = page.get_by_role("button", name="Sign out")
        await expect(leave).to_be_hidden()
        await page.get_by_role("button", name="More", exact=True).click()
        await expect(leave).to_be_visible()
        await expect(page.get_by_role("link", name="Shift", exact=True)).to_be_visible()
        assert await page.evaluate(_SMALL, 24) == []
        assert await unreadable(page) == []
        await page.evaluate("document.activeElement.blur()")
        await served.press()
        await expect(leave).to_be_hidden()
        assert await faults(page) == []


async def test_of_the_steps_a_phone_shows_the_next_and_the_last_and_the_rest_at_a_touch(
    served: Built, browser: Browser
) -> None:
    await served.press(claimed_by="aigerim", state="ACKNOWLEDGED")
    async with visit(browser, served, "aigerim", "/", size=PHONE) as page:
        await page.locator("#lines .entry").click()
        steps = page.locator(".pane-steps")
        await expect(steps.locator("button:visible")).to_have_text(["Accepted", "Close C", "⋯"])
        await steps.get_by_role("button", name="Accepted").click()
        await expect(steps.locator("button:visible")).to_have_text(["Patrol sent", "Close C", "⋯"])
        await steps.get_by_role("button", name="More").click()
        await expect(steps.get_by_role("button", name="Note")).to_be_visible()
        await expect(steps.get_by_role("button", name="On scene")).to_be_visible()
        assert await unreadable(page) == []


@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_a_phone_names_the_press_that_asks_beside_the_one_that_is_open(
    served: Built, browser: Browser, lang: str
) -> None:
    await served.press(claimed_by="aigerim", state="ACKNOWLEDGED")
    async with visit(browser, served, "aigerim", "/", lang, PHONE) as page:
        await page.locator("#lines .entry").click()
        await served.press("b", device="gate-12-1")
        line = page.locator("#pane .beside-more")
        await expect(line).to_be_visible()
        await expect(line).to_contain_text(_UNTAKEN[lang])
        assert await unreadable(page) == []
