"""Windows over the page: none covers a bar, and what is only looked at gives way to a press."""

import re

import pytest
from playwright.async_api import Page, expect

from gateway import operate
from gateway.domain.operator import Operator, Role
from tests.web.building import Built

_SUPERVISOR = Operator(name="supervisor", role=Role.SUPERVISOR)


@pytest.fixture
def page(supervisor: Page) -> Page:
    """Of somebody who may open test windows."""
    return supervisor


async def test_the_help_gives_way_to_a_press(served: Built, page: Page) -> None:
    await page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys and appearance")
    await expect(help_).to_be_visible()
    await served.press("a")
    await expect(help_).to_be_hidden()
    await expect(page.locator("#pane")).to_be_visible()


async def test_what_waited_before_does_not_close_what_is_looked_at(
    served: Built, page: Page
) -> None:
    await served.press("a")
    await expect(page.locator("#pane")).to_be_visible()
    await served.press("b", device="button-90-1")
    await expect(page.locator("#pane-next")).to_be_visible()
    await page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys and appearance")
    await served.press("c", device="button-90-1", kind="tamper.opened", priority=1)
    await expect(page.locator("#open-p1")).to_have_text("1")
    await expect(help_).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(help_).to_be_hidden()
    await expect(page.locator("#pane")).to_be_visible()  # one Escape, one window


async def test_who_writes_goes_on_writing_and_a_bar_over_the_window_says_what_waits(
    served: Built, page: Page
) -> None:
    await page.get_by_role("button", name="Test…").click()
    window = page.get_by_role("dialog", name="Open a test window")
    await window.get_by_label("Why").fill("walk ")
    await served.press("a")
    bar = page.locator("#bar-behind")
    await expect(bar).to_contain_text("A press waits behind this window")
    await expect(page.locator(".bars .bar").first).to_have_id("bar-behind")  # a phone shows two
    await page.keyboard.type("a c n")
    await expect(window.get_by_label("Why")).to_have_value("walk a c n")
    await bar.get_by_role("button", name="Close the window").click()
    await expect(window).to_be_hidden()
    await expect(bar).to_have_count(0)
    await expect(page.locator("#pane .state")).to_contain_text("Nobody")


async def test_a_bar_can_be_pressed_and_read_while_a_window_is_open(page: Page) -> None:
    await page.keyboard.press("?")
    bar = page.locator("#bar-sound")
    await expect(
        page.get_by_role("alert").filter(has_text="an alarm would not be heard")
    ).to_be_visible()
    await bar.get_by_role("button", name="Turn the sound on").click()
    await expect(bar).to_contain_text("Did you hear the test tone?")


async def test_a_touch_beside_what_is_looked_at_closes_it(page: Page) -> None:
    await page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys and appearance")
    await help_.get_by_label("Letter keys are on").focus()
    await expect(help_).to_be_visible()
    await page.mouse.click(5, 300)
    await expect(help_).to_be_hidden()


async def _hold(served: Built, page: Page) -> None:
    """The person claimed a press, and the page knows of it."""
    held = await served.press("a")
    await operate.claim(served.house.desk, _SUPERVISOR, held.id)
    served.house.wakeups.wake()
    await expect(page.locator("#lines")).to_contain_text("You hold it")


async def test_who_signs_out_while_holding_an_alarm_is_asked_first(
    served: Built, page: Page
) -> None:
    await _hold(served, page)
    await page.get_by_role("button", name="Sign out").click()
    asked = page.get_by_role("dialog", name="Sign out?")
    await expect(asked).to_contain_text("You hold 1 alarm: it will ask everybody again")
    await asked.get_by_role("button", name="Stay").click()
    await expect(asked).to_be_hidden()
    await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
    await page.locator("#leave").click()
    await asked.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(re.compile("/signin$"))


async def test_the_question_whether_to_sign_out_gives_way_to_a_press(
    served: Built, page: Page
) -> None:
    await _hold(served, page)
    await page.locator("#leave").click()
    asked = page.get_by_role("dialog", name="Sign out?")
    await expect(asked).to_be_visible()
    await served.press("b", device="button-90-1")
    await expect(asked).to_be_hidden()


async def test_who_holds_nothing_signs_out_at_once(page: Page) -> None:
    await page.locator("#leave").click()
    await expect(page).to_have_url(re.compile("/signin$"))
