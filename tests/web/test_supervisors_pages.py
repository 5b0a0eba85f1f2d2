"""The supervisor's pages with everything on them: accessible to everybody, legible on a phone."""

import pytest
from playwright.async_api import Browser

from gateway.web import pages, words
from tests.web import judging
from tests.web.building import Built
from tests.web.test_figures import busy
from tests.web.test_wall import mapped
from tests.web.visiting import DESKTOP, PHONE, visit


async def _filled(served: Built) -> list[str]:
    """A busy day, a shift that is offered, a map; the pages that show them."""
    mapped(served)
    async with served.client("aigerim") as client:
        shift = (await client.post("/api/v1/shifts")).json()
    await busy(served)
    async with served.client("aigerim") as client:
        offer = (await client.post("/api/v1/handovers", json={"note": "бақылау"})).json()
    return [
        "/wall",
        "/handover",
        f"/handover/{offer['id']}",
        "/report?span=week",
        f"/report?shift={shift['id']}",
    ]


@pytest.mark.parametrize("theme", pages.THEMES)
async def test_full_pages_are_accessible_in_every_theme(
    served: Built, browser: Browser, theme: str
) -> None:
    for path in await _filled(served):
        async with visit(browser, served, "supervisor", path) as page:
            await page.context.add_cookies([{"name": "theme", "value": theme, "url": served.url}])
            await page.reload()
            assert await judging.faults(page) == [], path


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_full_pages_fit_their_screen_in_every_language(
    served: Built, browser: Browser, lang: str, size: tuple[int, int]
) -> None:
    for path in await _filled(served):
        async with visit(browser, served, "supervisor", path, lang, size) as page:
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size[0], path
