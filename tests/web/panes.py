"""The pane of the page, for the tests that look at it."""

from playwright.async_api import Locator, Page, expect

from tests.harness import waiting
from tests.web.building import Built

_KNOWS = "async () => (await import('/static/alarms.js')).all().length > 0"
MEANT_MS = 600
"""A key is meant for what was there for half a second."""


def pane(page: Page) -> Locator:
    """The alarm that is open."""
    return page.locator("#pane")


async def waits(served: Built, page: Page) -> Locator:
    """A press that asks, opened by itself."""
    await served.press()
    await waiting.until(lambda: page.evaluate(_KNOWS), what="the page knows of it")
    opened = pane(page)
    await expect(opened).to_be_visible(timeout=2000)
    return opened
