"""The way back from a closing leads to the one that is meant, and takes no other's place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from playwright.async_api import Browser, Locator, Page, Route, expect

from gateway.domain.alarm import Alarm, Disposition, State
from tests.web import browsing, closing, crowd, panes
from tests.web.building import Built

ID = "a" * 32


async def closed_one_after_the_other(served: Built, page: Page) -> Locator:
    """Two of two schools, within a moment."""
    pane = await panes.waits(served, page)
    await served.press("b", device="button-90-1")
    await closing.close(page)
    await page.locator(f"#alarms [data-alarm='{'b' * 32}']").click()
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")
    await page.wait_for_timeout(panes.MEANT_MS)
    return await closing.close(page)


async def slowly(route: Route) -> None:
    await asyncio.sleep(6)
    await route.continue_()


def closed_test(served: Built, n: int, **more: Any) -> Alarm:  # noqa: ANN401 - any field
    """One of many, closed just now."""
    now = served.house.clock.now()
    done: dict[str, Any] = {
        "state": State.NORMAL,
        "closed_at": now,
        "disposition": Disposition.TEST,
    }
    return crowd.alarm(served, n, **{"test": True, **done, **more})


@asynccontextmanager
async def looking_back(browser: Browser, served: Built) -> AsyncIterator[Locator]:
    """What was closed lately, as a dispatcher sees it."""
    async with (
        browsing.signed_in(browser, served) as context,
        browsing.console(context) as page,
    ):
        await page.locator("#closings-open").click()
        yield page.get_by_role("dialog", name="Closed lately")


async def test_the_bar_names_the_newest_of_two_closings_that_have_nothing_in_common(
    served: Built, page: Page
) -> None:
    pane = await closed_one_after_the_other(served, page)
    bar = page.locator("#bar-closed")
    await expect(bar).to_contain_text("Gymnasium No. 90: closed as Suspicious")
    await expect(pane).to_be_hidden(timeout=6000)
    await page.keyboard.press("r")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")
    form = pane.locator("form[data-form=reopen]")
    await expect(form.locator("textarea")).to_be_focused()
    await expect(form.locator(".every")).to_be_hidden()


async def test_what_one_click_closed_stays_together_though_the_answers_are_slow(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    await served.press("b", device="gate-12-1")
    await pane.get_by_role("button", name="Claim A").click()
    await pane.get_by_role("button", name="Close C").click()
    await page.route(f"**/{'b' * 32}/close", slowly)
    form = pane.locator("form[data-form=close]")
    await form.get_by_label("Suspicious").check()
    await form.locator(".every input").check()
    await form.get_by_role("button", name="Close").click()
    await expect(page.locator("#bar-closed")).to_contain_text(
        "2 alarms closed as Suspicious", timeout=10_000
    )


async def test_the_key_back_does_what_the_bar_names_though_another_closed_one_is_shown(
    served: Built, page: Page
) -> None:
    await closing.ended(served, "c", "gate-12-1")
    await panes.waits(served, page)
    pane = await closing.close(page)
    await expect(pane).to_be_hidden(timeout=6000)
    await page.locator("#closings-open").click()
    await page.locator("#closings li").last.get_by_role("button").click()
    await expect(pane).to_have_attribute("data-shown", "c" * 32)
    await page.wait_for_timeout(panes.MEANT_MS)
    await page.keyboard.press("r")
    await expect(pane).to_have_attribute("data-shown", ID)


async def test_the_key_back_never_takes_the_place_of_a_press_that_waits(
    served: Built, page: Page
) -> None:
    await panes.waits(served, page)
    pane = await closing.close(page)
    await expect(pane).to_be_hidden(timeout=6000)
    await served.press("b", device="button-90-1")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")
    await page.wait_for_timeout(panes.MEANT_MS)
    await page.keyboard.press("r")
    await expect(page.locator("#bar-closed")).to_be_visible()
    await page.wait_for_timeout(panes.MEANT_MS)
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")
    await page.evaluate("document.getElementById('bar-closed').remove()")
    await page.keyboard.press("r")
    await page.wait_for_timeout(panes.MEANT_MS)
    await expect(page.locator("#closings")).to_be_hidden()


async def test_the_way_back_drops_nothing_that_is_being_written(served: Built, page: Page) -> None:
    await panes.waits(served, page)
    pane = await closing.close(page)
    await expect(pane).to_be_hidden(timeout=6000)
    await served.press("b", device="button-90-1")
    await pane.get_by_role("button", name="Claim A").click()
    await pane.get_by_role("button", name="Note N").click()
    written = pane.locator("form[data-form=note] textarea")
    await written.fill("the guard sees smoke")
    await written.blur()
    await page.keyboard.press("r")
    await page.locator("#bar-closed").get_by_role("button", name="Reopen").click()
    await expect(pane.locator(".pane-body > .refusal")).to_contain_text("First finish or cancel")
    await expect(written).to_be_focused()
    await expect(written).to_have_value("the guard sees smoke")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")


async def test_a_real_one_is_found_behind_a_day_of_tests(served: Built, browser: Browser) -> None:
    await crowd.save(served, [closed_test(served, n) for n in range(1, 121)])
    await crowd.save(served, [closed_test(served, 500, ago_s=3600, test=False)])
    async with looking_back(browser, served) as dialog:
        await expect(dialog.locator("li")).to_have_count(121)
        await expect(dialog.locator("li").first).not_to_contain_text("TEST")
        await expect(dialog.locator(".refusal")).to_be_hidden()


async def test_what_could_not_all_be_looked_through_is_said(
    served: Built, browser: Browser
) -> None:
    long_ago = served.house.clock.now() - timedelta(hours=30)
    many = [closed_test(served, n, closed_at=long_ago) for n in range(1, 1002)]
    await crowd.save(served, many)
    async with looking_back(browser, served) as dialog:
        await expect(dialog.locator(".refusal")).to_contain_text("too many alarms to look through")
