"""Every page is accessible to everybody by the rules of axe, in every theme and language."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from gateway.domain.kind import Priority
from gateway.web import pages, server, words
from tests.web import browsing, judging, looped
from tests.web.building import Built, unstored

_NO_PAGE = {
    *("/livez", "/readyz", "/metrics", "/api/v1/openapi.json", "/status"),
    *("/signin/elsewhere", "/signin/elsewhere/back"),
}
"""Routes that answer programs, or lead on."""


def _pages() -> list[str]:
    """The pages that the server shows, by their routes; a new one is judged without being asked."""
    found = {
        route.path
        for route, _ in server.rights()
        if "GET" in (route.methods or ()) and "{" not in route.path and route.path not in _NO_PAGE
    }
    api = {path for path in found if path.startswith("/api/") and not path.endswith("/docs")}
    return sorted(found - api)


@looped.fixture
async def context(browser: Browser, served: Built) -> AsyncIterator[BrowserContext]:
    """The browser of a supervisor."""
    async with browsing.signed_in(browser, served, "supervisor") as opened:
        yield opened


async def _worn(context: BrowserContext, served: Built, theme: str) -> None:
    await context.add_cookies([{"name": "theme", "value": theme, "url": served.url}])


@pytest.mark.parametrize("theme", pages.THEMES)
@pytest.mark.parametrize("path", _pages())
async def test_every_page_is_accessible_in_every_theme(
    served: Built, context: BrowserContext, path: str, theme: str
) -> None:
    await _worn(context, served, theme)
    await _busy(served)
    page = await context.new_page()
    answer = await page.goto(path)
    assert answer is not None
    if "text/html" not in answer.headers.get("content-type", ""):
        pytest.skip(f"{path} is no page")
    await page.wait_for_load_state("load")
    assert await judging.faults(page) == []


async def _busy(served: Built) -> None:
    """An alarm of each sort that a page may show."""
    await served.press("a")
    await served.press("b", kind="tamper.opened", priority=Priority.P1, device="button-90-1")
    await served.press("c", kind="battery.low", priority=Priority.P2, device="gate-12-1")
    await served.press("d", test=True, device="button-90-1")
    served.shout(unstored("e"))


@pytest.mark.parametrize("theme", pages.THEMES)
@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_the_console_is_accessible_with_alarms_bars_and_help_on_it(
    served: Built, context: BrowserContext, language: str, theme: str
) -> None:
    await _worn(context, served, theme)
    await _busy(served)
    async with browsing.console(context, language) as page:
        await expect(page.locator("#open-p0")).not_to_have_text("0")
        await _settled(page)
        assert await judging.faults(page) == []
        await page.evaluate(_BARS)
        assert await judging.faults(page) == []
        await page.locator("#help-open").click()
        assert await judging.faults(page) == []


async def _settled(page: Page) -> None:
    """What comes in with a movement has come."""
    await page.evaluate(
        "Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))"
    )


_BARS = """async () => {
  const bars = await import('/static/bars.js');
  for (const level of ['stop', 'loud', 'warn', 'note']) {
    bars.show(level, level, `A bar: ${level}`, {
      since: '3 s', actions: [{ text: 'Act', act: () => null }],
    });
  }
}"""


async def test_nothing_moves_for_those_who_asked_that_nothing_does(
    browser: Browser, served: Built
) -> None:
    await _busy(served)
    async with (
        browsing.signed_in(browser, served) as context,
        browsing.console(context) as page,
    ):
        await page.emulate_media(reduced_motion="reduce")
        await served.press("f", device="gate-12-1")
        await expect(page.locator("#open-p0")).to_have_text("3")
        assert await page.evaluate("document.getAnimations().length") == 0
