"""Visits: anybody's page in a real browser, in any language and at any size; faults are kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from tests.web import browsing
from tests.web.building import Built

DESKTOP, PHONE, WALL = (1440, 900), (390, 844), (3840, 2160)
EXPECTED = ("409", "422", *browsing.AWAY)


@asynccontextmanager
async def visit(
    browser: Browser,
    served: Built,
    name: str,
    path: str,
    lang: str = "en",
    size: tuple[int, int] = DESKTOP,
) -> AsyncIterator[Page]:
    """That person's page; a fault on it that was not expected fails the test."""
    faults: list[str] = []
    async with browsing.signed_in(browser, served, name, width=size[0], height=size[1]) as context:
        await context.add_cookies([{"name": "lang", "value": lang, "url": served.url}])
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        await page.goto(path)
        yield page
    assert not [one for one in faults if not any(word in one for word in EXPECTED)]
