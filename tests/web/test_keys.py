"""The keys and the themes in a real browser: what each does, and when none does."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.web import browsing, looped
from tests.web.building import Built


@looped.fixture
async def context(browser: Browser, served: Built) -> AsyncIterator[BrowserContext]:
    """The browser of a dispatcher."""
    async with browsing.signed_in(browser, served) as opened:
        yield opened


@looped.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Their page; what its keys ask for is written down."""
    async with browsing.console(context) as opened:
        await opened.evaluate(_LISTEN)
        yield opened


_LISTEN = """async () => {
  window.asked = [];
  const bus = await import('/static/bus.js');
  bus.on('key', ({ name, alarm }) => window.asked.push(alarm ? `${name} ${alarm[0]}` : name));
  bus.on('select', (id) => window.asked.push(`select ${id[0]}`));
}"""
_ROW = """(id) => {
  const row = document.createElement('div');
  row.tabIndex = 0;
  row.dataset.alarm = id;
  document.body.append(row);
  row.focus();
}"""


async def _asked(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("window.asked.splice(0)")
    return found


async def test_letters_ask_for_what_they_stand_for_in_every_alphabet(page: Page) -> None:
    for key in ("j", "k", "m", "Escape"):
        await page.keyboard.press(key)
    assert await _asked(page) == ["down", "up", "mute", "away"]
    await page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'о', code: 'KeyJ', bubbles: true }))"
    )
    assert await _asked(page) == ["down"]


async def test_a_key_does_nothing_to_a_row_that_had_the_focus_for_a_moment_only(
    page: Page,
) -> None:
    await page.evaluate(_ROW, "a" * 32)
    await page.keyboard.press("Enter")
    await page.keyboard.press("a")
    assert await _asked(page) == []
    await page.wait_for_timeout(600)  # the half second that makes it meant
    await page.keyboard.press("Enter")
    await page.keyboard.press("a")
    await page.keyboard.press("s")
    assert await _asked(page) == ["select a", "claim a", "claim a", "snooze a"]
    await page.evaluate(_ROW, "b" * 32)
    await page.keyboard.press("Enter")
    assert await _asked(page) == []


async def test_a_letter_means_what_the_row_shows_now_and_not_what_it_showed(page: Page) -> None:
    await page.evaluate(_ROW, "a" * 32)
    await page.wait_for_timeout(600)  # the half second that makes it meant
    await page.evaluate("document.activeElement.dataset.alarm = 'b'.repeat(32)")
    await page.keyboard.press("a")
    assert await _asked(page) == []
    await page.wait_for_timeout(600)
    await page.keyboard.press("a")
    assert await _asked(page) == ["claim b"]


async def test_an_alarm_that_opened_this_moment_is_not_claimed_by_a_letter(page: Page) -> None:
    await page.evaluate(
        "async () => (await import('/static/bus.js')).emit('opened', 'a'.repeat(32))"
    )
    await page.keyboard.press("a")
    assert await _asked(page) == []
    await page.wait_for_timeout(600)
    await page.keyboard.press("a")
    await page.keyboard.press("c")
    await page.keyboard.press("n")
    assert await _asked(page) == ["claim a", "close a", "note a"]


async def test_a_press_that_opened_by_itself_is_claimed_by_one_letter(
    served: Built, page: Page
) -> None:
    await served.press("a")
    await expect(page.locator("#pane")).to_be_visible()
    await page.wait_for_timeout(600)
    await page.keyboard.press("a")
    await expect(page.locator("#pane")).to_contain_text("You hold it")


async def test_a_row_is_reached_by_letters_and_claimed_by_enter(served: Built, page: Page) -> None:
    await served.press("a")
    await served.press("b", device="button-90-1")
    await expect(page.locator("#alarms [data-alarm]")).to_have_count(2)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    row = page.locator("#alarms [data-alarm]:focus")
    second = await row.get_attribute("data-alarm")
    await page.wait_for_timeout(600)
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#alarms [data-alarm='{second}']")).to_contain_text("You hold it")
    await expect(page.locator("#pane")).to_contain_text("Gymnasium No. 90")


async def test_a_held_key_claims_once(page: Page) -> None:
    await page.evaluate(_ROW, "a" * 32)
    await page.wait_for_timeout(600)
    await page.keyboard.down("a")
    await page.keyboard.down("a")
    await page.keyboard.down("Enter")
    await page.keyboard.down("Enter")
    assert await _asked(page) == ["claim a", "select a", "claim a"]


async def test_who_types_or_holds_control_asks_for_nothing(page: Page) -> None:
    await page.keyboard.press("Control+a")
    await page.evaluate(
        "() => { const field = document.createElement('textarea'); field.id = 'typed';"
        " document.body.append(field); field.focus(); }"
    )
    await page.keyboard.type("jam?")
    assert await _asked(page) == []
    assert await page.locator("#typed").input_value() == "jam?"
    await page.keyboard.press("Escape")
    await expect(page.locator("#typed")).not_to_be_focused()


async def test_p_shows_the_press_that_waits(served: Built, page: Page) -> None:
    await served.press("a")
    await expect(page.locator("#open-p0")).to_have_text("1")
    await page.evaluate("async () => (await import('/static/bus.js')).emit('closed', '')")
    await _asked(page)
    await page.keyboard.press("p")
    assert (await _asked(page))[0] == "select a"


async def test_the_help_tells_the_keys_and_lets_the_letters_be_switched_off(page: Page) -> None:
    await page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys and appearance")
    await expect(help_).to_be_visible()
    await expect(help_.locator("kbd")).to_have_text([*"JK", "Enter", *"ACNPRSM?", "Esc"])
    await page.keyboard.press("j")
    await help_.get_by_label("Letter keys are on").uncheck()
    await page.keyboard.press("Escape")
    await expect(help_).to_be_hidden()
    await page.keyboard.press("j")
    await page.keyboard.press("?")
    await expect(help_).to_be_hidden()
    assert await _asked(page) == []
    await page.reload()
    await page.evaluate(_LISTEN)
    await page.keyboard.press("j")
    assert await _asked(page) == []
    await page.locator("#help-open").click()
    await help_.get_by_label("Letter keys are on").check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    assert await _asked(page) == ["down"]


async def test_a_theme_is_worn_by_every_tab_and_by_the_next_page_at_once(
    context: BrowserContext, page: Page
) -> None:
    async with browsing.console(context) as other:
        await page.locator("#help-open").click()
        await page.locator("#theme").select_option("light")
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        await expect(other.locator("html")).to_have_attribute("data-theme", "light")
    answer = await context.request.get("/")
    assert 'data-theme="light"' in await answer.text()
    assert 'content="light"' in await answer.text()


@pytest.mark.parametrize("theme", ["dark", "light", "contrast"])
async def test_saturated_red_is_of_p0_alone(page: Page, theme: str) -> None:
    found: dict[str, str] = await page.evaluate(
        "(theme) => { document.documentElement.dataset.theme = theme;"
        " const style = getComputedStyle(document.documentElement);"
        " return Object.fromEntries(['text', 'muted', 'p0', 'p0-ink', 'p1', 'p2', 'p3', 'good',"
        " 'strong', 'stop', 'warn', 'note', 'edge'].map((name) =>"
        " [name, style.getPropertyValue(`--${name}`).trim()])); }",
        theme,
    )
    red = {name for name, colour in found.items() if _is_saturated_red(colour)}
    assert red == {"p0", "p0-ink"}


def _is_saturated_red(colour: str) -> bool:
    digits = colour.removeprefix("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    red, green, blue = (int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4))
    most, least = max(red, green, blue), min(red, green, blue)
    light = (most + least) / 2
    if most == least or most != red or abs(green - blue) > (most - least) / 2:
        return False
    return (most - least) / (1 - abs(2 * light - 1)) > 0.62
