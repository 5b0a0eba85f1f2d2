"""What the web's tests ask for: a house, a server before it, and a page in a real browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from gateway.domain.window import COMMANDED
from gateway.store import operators
from gateway.store.database import Urgency
from tests.harness.chromium import Chromium
from tests.web import browsing, building, looped, staffing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("asyncio"):
            item.add_marker(looped.MARK, append=False)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _nothing_is_left() -> AsyncIterator[None]:
    """Whatever a test leaves running ends with it, as if the loop were its own."""
    before = asyncio.all_tasks()
    yield
    await looped.end_all_but(before)


@looped.fixture
async def house(tmp_path: Path) -> AsyncIterator[building.Built]:
    """A house with nothing raised yet."""
    async with building.built(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)], loop_scope="session"
)
async def staffed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[building.Built]:
    """A house with a dispatcher who has a password, once on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("database_url")
    async with building.built(tmp_path, url) as made:
        await staffing.let_in(made)
        yield made


@looped.fixture
async def served(house: building.Built) -> AsyncIterator[building.Built]:
    """The same behind a real server."""
    async with building.served(house):
        yield house


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium, shared: do not end it."""
    shared = Chromium()
    try:
        shared.start()
        yield shared
    finally:
        shared.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def driver(chromium: Chromium) -> AsyncIterator[Browser]:
    """The one connection to it."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(chromium.url)
        yield connected
        await connected.close()


@looped.fixture
async def browser(driver: Browser) -> AsyncIterator[Browser]:
    """It, for one test: what that test opens goes with it."""
    before = driver.contexts
    yield driver
    for context in driver.contexts:
        if context not in before:
            await context.close()


@looped.fixture
async def page(browser: Browser, served: building.Built) -> AsyncIterator[Page]:
    """A dispatcher's page in English, signed in by a one-time link; its faults fail the test."""
    faults: list[str] = []
    until = served.house.clock.now() + COMMANDED
    await served.database.write(
        lambda c: operators.open_sign_in(c, "link", "aigerim", until, once=True), Urgency.STEP
    )
    opened = await browser.new_page(base_url=served.url)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await opened.goto("/signin?once=link&lang=en")
    await opened.get_by_role("button", name="Come in").click()
    await expect(opened.locator("#pulse")).to_have_attribute("data-state", "live")
    yield opened
    await opened.close()
    # A late claim, a revoked token, a gateway that is away, a still that is gone.
    expected = ("409", "401", "ERR_FAILED", "410")
    assert not [one for one in faults if not any(word in one for word in expected)]


@looped.fixture
async def supervisor(browser: Browser, served: building.Built) -> AsyncIterator[Page]:
    """A supervisor's page in English."""
    async with (
        browsing.signed_in(browser, served, "supervisor") as context,
        browsing.console(context) as opened,
    ):
        yield opened
