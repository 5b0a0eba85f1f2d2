"""Closings, for the tests of the way back from them."""

from playwright.async_api import Locator, Page

from gateway import operate
from gateway.domain.alarm import Disposition
from gateway.domain.operator import Operator, Role
from tests.web import panes
from tests.web.building import Built

AIGERIM = Operator(name="aigerim", role=Role.DISPATCHER)


async def close(page: Page, how: str = "Suspicious") -> Locator:
    """Claims and closes what the pane shows."""
    pane = panes.pane(page)
    await pane.get_by_role("button", name="Claim A").click()
    await pane.get_by_role("button", name="Close C").click()
    form = pane.locator("form[data-form=close]")
    await form.get_by_label(how).check()
    await form.get_by_role("button", name="Close").click()
    return pane


async def ended(served: Built, key: str = "a", device: str = "button-12-1") -> None:
    """One that was closed, as nobody's page has seen."""
    alarm = await served.press(key, device)
    await operate.close(served.house.desk, AIGERIM, alarm.id, alarm.version, Disposition.SUSPICIOUS)
