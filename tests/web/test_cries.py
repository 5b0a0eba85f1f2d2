"""A cry that no store takes, on a page of a real browser."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from gateway.store.database import StoreDown
from tests.web import browsing, building
from tests.web.building import Built


async def test_a_cry_is_shown_also_when_the_store_has_been_away_for_long(
    served: Built, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreDown("away")

    async with (
        browsing.signed_in(browser, served) as context,
        browsing.console(context, expected=browsing.AWAY) as page,
    ):
        monkeypatch.setattr(type(served.database), "read", away)
        await expect(page.locator("body")).to_have_attribute("data-trust", "blind", timeout=6000)
        # Longer than a page keeps a line on which nothing is heard: it could not open another one.
        await asyncio.sleep(7)
        served.shout(building.unstored("a"))
        await expect(page.locator(".entry .badge.doubt")).to_be_visible(timeout=2000)
        monkeypatch.undo()


async def test_a_cry_that_nobody_stored_is_put_away_only_when_the_gateway_knows_of_none(
    served: Built, browser: Browser
) -> None:
    async with (
        browsing.signed_in(browser, served) as context,
        browsing.console(context, expected=(*browsing.AWAY, "503", "404")) as page,
        browsing.console(context, expected=browsing.AWAY) as other,
    ):
        served.shout(building.unstored("a"))
        rows, others = page.locator(".entry"), other.locator(".entry")
        put_away = page.get_by_role("button", name="Put away")
        await put_away.click()
        await expect(page.locator(".pane-body > .refusal")).to_contain_text("Nothing can be stored")
        await expect(others).to_have_count(1)
        served.unstored.clear()  # the gateway that told it is gone
        await put_away.click()
        await expect(rows).to_have_count(0)
        await expect(others).to_have_count(0)
        await page.reload()
        await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
        await expect(page.locator("#calm")).to_be_visible()
