"""The list as a browser shows it: its rows, their order, their places."""

from playwright.async_api import Locator, Page, expect


def rows(page: Page) -> Locator:
    """What is drawn of the list, in its order."""
    return page.locator("#alarms .entry")


async def shows(page: Page, *numbers: int) -> None:
    """Waits until just those schools stand there, in that order."""
    names = [f"School No. {1000 + n}" for n in numbers]
    await expect(page.locator("#alarms .entry .site")).to_have_text(names)


async def place(row: Locator) -> tuple[float, float, float]:
    """Where a row stands, and how high it is."""
    box = await row.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["height"]


async def settle_pointer(page: Page) -> None:
    """Moves the pointer off the list."""
    await page.mouse.move(400, 2)
