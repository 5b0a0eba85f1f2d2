"""A dispatcher takes a closing back: at once, or later, with a key, in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.web import browsing, closing, looped, panes
from tests.web.building import Built

ID = "a" * 32


async def reason(pane: Locator, text: str) -> None:
    form = pane.locator("form[data-form=reopen]")
    await form.locator("textarea").fill(text)
    await form.get_by_role("button", name="Reopen").click()


@looped.fixture
async def after(served: Built, browser: Browser) -> AsyncIterator[Page]:
    """A dispatcher's page that is opened after a press was closed."""
    await closing.ended(served)
    async with (
        browsing.signed_in(browser, served) as context,
        browsing.console(context) as opened,
    ):
        yield opened


async def look_back(page: Page) -> Locator:
    """Opens what was closed lately, with the key, and the first of it."""
    await page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Closed lately")
    await dialog.get_by_role("button", name="Secondary school No. 12").click()
    await expect(dialog).to_be_hidden()
    pane = panes.pane(page)
    await expect(pane.locator(".state")).to_have_text("Closed: Suspicious")
    await page.wait_for_timeout(panes.MEANT_MS)
    return pane


async def test_a_slip_is_taken_back_at_once_from_the_bar_and_others_see_it_come_back(
    served: Built, page: Page, browser: Browser
) -> None:
    await panes.waits(served, page)
    async with (
        browsing.signed_in(browser, served, "dispatcher") as context,
        browsing.console(context) as other,
    ):
        await expect(other.locator("#lines .entry")).to_have_count(1)
        pane = await closing.close(page)
        bar = page.locator("#bar-closed")
        await expect(bar).to_contain_text("Secondary school No. 12: closed as Suspicious")
        await expect(pane).to_be_hidden(timeout=6000)
        await expect(other.locator("#lines .entry")).to_have_count(0, timeout=10_000)
        await bar.get_by_role("button", name="Reopen").click()
        await reason(pane, "the wrong row")
        await expect(pane.locator(".state")).to_have_text("You hold it")
        await expect(bar).to_be_hidden()
        line = pane.locator(".line li").first
        await expect(line).to_contain_text("Reopened: it had been closed as Suspicious aigerim")
        await expect(line.locator(".note")).to_have_text("the wrong row")
        await expect(other.locator("#lines .entry .holder")).to_have_text("held by aigerim")
        await expect(other.locator("#open-p0")).to_have_text("1")


async def test_a_key_leads_back_and_asks_why_before_anything_is_done(
    served: Built, page: Page
) -> None:
    await panes.waits(served, page)
    pane = await closing.close(page)
    await expect(pane).to_be_hidden(timeout=6000)
    await page.keyboard.press("r")
    form = pane.locator("form[data-form=reopen]")
    await expect(form.locator("textarea")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(pane.locator(".pane-body > .refusal")).to_have_text("Write down why.")
    await form.locator("textarea").fill("a slip")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(pane.locator(".state")).to_have_text("You hold it")


async def test_what_was_closed_together_is_reopened_together(served: Built, page: Page) -> None:
    pane = await panes.waits(served, page)
    await served.press("b", device="gate-12-1")
    await pane.get_by_role("button", name="Claim A").click()
    await pane.get_by_role("button", name="Close C").click()
    form = pane.locator("form[data-form=close]")
    await form.get_by_label("Suspicious").check()
    await form.locator(".every input").check()
    await form.get_by_role("button", name="Close").click()
    bar = page.locator("#bar-closed")
    await expect(bar).to_contain_text("2 alarms closed as Suspicious")
    await bar.get_by_role("button", name="Reopen").click()
    again = pane.locator("form[data-form=reopen]")
    await again.get_by_label("Reopen all that were closed with it: 2").check()
    await reason(pane, "not this school")
    await expect(page.locator("#open-p0")).to_have_text("2")
    await expect(bar).to_be_hidden()


async def test_what_anybody_closed_lately_is_found_and_taken_back(after: Page) -> None:
    pane = await look_back(after)
    await after.keyboard.press("r")
    await reason(pane, "a real one after all")
    await expect(pane.locator(".state")).to_have_text("You hold it")
    await expect(after.locator("#lines .entry")).to_have_count(1)


async def test_a_closed_one_is_opened_from_what_the_site_had_in_the_last_day(
    served: Built, page: Page
) -> None:
    await closing.ended(served, "b", "gate-12-1")
    pane = await panes.waits(served, page)
    await pane.locator(".recent button.what").click()
    await expect(pane.locator(".state")).to_have_text("Closed: Suspicious")
    await expect(pane.get_by_role("button", name="Reopen R")).to_be_visible()


async def test_a_closed_one_that_is_looked_at_gives_way_to_a_press(
    served: Built, after: Page
) -> None:
    pane = await look_back(after)
    await served.press("b", device="button-90-1")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")


async def test_who_writes_why_is_not_interrupted_by_a_press(served: Built, after: Page) -> None:
    pane = await look_back(after)
    await after.keyboard.press("r")
    await served.press("b", device="button-90-1")
    await expect(after.locator("#pane-next")).to_be_visible()
    await expect(pane.locator("form[data-form=reopen] textarea")).to_be_focused()


async def test_who_is_late_reads_who_reopened_it(served: Built, after: Page) -> None:
    pane = await look_back(after)

    async def somebody_is_first(route: Route) -> None:
        async with served.client("dispatcher") as other:
            body = {"version": 2, "reason": "a mistake"}
            await other.post(f"/api/v1/alarms/{ID}/reopen", json=body)
        await route.continue_()

    await after.route("**/reopen", somebody_is_first)
    await pane.get_by_role("button", name="Reopen R").click()
    await reason(pane, "a mistake too")
    refusal = pane.locator(".pane-body > .refusal")
    await expect(refusal).to_contain_text("first was dispatcher")
    await expect(pane.locator(".line li").first).to_contain_text("Reopened")


async def test_a_closed_one_that_cannot_be_read_says_why(after: Page) -> None:
    await after.route(f"**/alarms/{ID}", lambda route: route.abort())
    await after.keyboard.press("r")
    await after.locator("#closings li button").first.click()
    await expect(after.locator("#bar-unread")).to_contain_text("did not answer")


@pytest.mark.parametrize("name", ["technician", "auditor"])
async def test_who_may_not_reopen_is_offered_nothing(
    served: Built, browser: Browser, name: str
) -> None:
    await closing.ended(served)
    async with (
        browsing.signed_in(browser, served, name) as context,
        browsing.console(context) as page,
    ):
        await expect(page.locator("#calm")).to_be_visible()
        await expect(page.locator("#closings-open")).to_be_hidden()
        await page.keyboard.press("r")
        await expect(page.locator("#closings")).to_be_hidden()
