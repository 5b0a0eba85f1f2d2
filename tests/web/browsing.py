"""People at their browsers: who signs in, the console they open, and what a page says of itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.web.building import Built

EXPECTED = ("409", "401", "ERR_FAILED", "410")
"""A late claim, a revoked token, a gateway that is away, a still that is gone."""
AWAY = (*EXPECTED, "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE", "ERR_SOCKET", "503")
"""What a browser says besides of a gateway that is not there."""


@asynccontextmanager
async def signed_in(
    browser: Browser, house: Built, name: str = "aigerim", *, width: int = 1280, height: int = 720
) -> AsyncIterator[BrowserContext]:
    """A browser of one person: what they open there is signed in."""
    context = await browser.new_context(
        base_url=house.url, viewport={"width": width, "height": height}
    )
    answer = await context.request.post(
        f"{house.url}/api/v1/session", data={"token": f"{name}-secret"}
    )
    assert answer.ok, await answer.text()
    yield context
    await context.close()


@asynccontextmanager
async def console(
    context: BrowserContext, language: str = "en", expected: tuple[str, ...] = EXPECTED
) -> AsyncIterator[Page]:
    """The live page in a tab of its own; a fault of it that was not expected fails the test."""
    faults: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await page.goto(f"/?lang={language}")
    await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
    yield page
    await page.close()
    unexpected = [one for one in faults if not any(word in one for word in expected)]
    assert unexpected == [], unexpected


async def arm(page: Page) -> None:
    """Begin a shift: turn the sound on, and say that the test tone was heard."""
    await page.get_by_role("button", name="Turn the sound on").click()
    await page.get_by_role("button", name="I hear it").click()
    # A tone is measured before it is believed; on a busy machine that may take long.
    await expect(page.locator("body")).to_have_attribute("data-sound", "on", timeout=20_000)


async def measured(page: Page) -> dict[str, Any]:
    """What the page's sound is, by its own measure."""
    found: dict[str, Any] = await page.evaluate(
        "async () => (await import('/static/sound.js')).measure()"
    )
    return found
