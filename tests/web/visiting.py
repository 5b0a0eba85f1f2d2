"""Visits: anybody's page in a real browser, in any language and at any size; faults are kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from gateway.domain.window import COMMANDED
from gateway.store import operators
from gateway.store.database import Urgency
from tests.web.building import Built

DESKTOP, PHONE, WALL = (1440, 900), (390, 844), (3840, 2160)


@asynccontextmanager
async def visit(
    browser: Browser,
    served: Built,
    name: str,
    path: str,
    lang: str = "en",
    size: tuple[int, int] = DESKTOP,
) -> AsyncIterator[Page]:
    """That person's page, signed in by a one-time link; a fault on it fails the test."""
    link, until = f"link-{name}-{lang}-{size[0]}", served.house.clock.now() + COMMANDED
    await served.database.write(
        lambda c: operators.open_sign_in(c, link, name, until, once=True), Urgency.STEP
    )
    faults: list[str] = []
    context = await browser.new_context(
        base_url=served.url, viewport={"width": size[0], "height": size[1]}
    )
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await page.goto(f"/signin?once={link}&lang={lang}")
    await page.locator("button").first.click()
    await page.wait_for_url("**/")
    await page.goto(path)
    yield page
    await context.close()
    expected = ("409", "422", "ERR_FAILED", "ERR_CONNECTION")
    assert not [one for one in faults if not any(word in one for word in expected)]
