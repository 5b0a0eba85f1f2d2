"""The sound in a real browser: measured where it is made, stopped everywhere by a claim."""

from collections.abc import AsyncIterator

from playwright.async_api import Browser, BrowserContext, Page, expect

from gateway.domain.kind import Priority
from tests.harness import waiting
from tests.web import browsing, hearing, looped
from tests.web.browsing import measured
from tests.web.building import Built, unstored


@looped.fixture
async def context(browser: Browser, served: Built) -> AsyncIterator[BrowserContext]:
    """The browser of a dispatcher."""
    async with browsing.signed_in(browser, served) as opened:
        yield opened


@looped.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Their page, at which the shift has begun."""
    async with browsing.console(context) as opened:
        await browsing.arm(opened)
        yield opened


async def test_a_page_says_that_nothing_would_be_heard_until_a_person_heard_the_tone(
    context: BrowserContext,
) -> None:
    async with browsing.console(context) as page:
        bar = page.locator("#bar-sound")
        await expect(bar).to_contain_text("an alarm would not be heard")
        assert (await measured(page))["context"] == "none"
        await page.get_by_role("button", name="Turn the sound on").click()
        await expect(bar).to_contain_text("Did you hear the test tone?")
        await expect(page.locator("body")).to_have_attribute("data-sound", "asked")
        before = await measured(page)
        await waiting.until(lambda: _moved(page, before["time"]), what="its time moves")
        await page.get_by_role("button", name="I hear it").click()
        await expect(bar).to_have_count(0)
        await expect(page.locator("#sound")).to_have_text("Sound is on")


async def _moved(page: Page, since: float) -> bool:
    return bool((await measured(page))["time"] > since)


async def test_a_press_sounds_the_siren_until_somebody_claims_it_at_another_console(
    browser: Browser, served: Built, page: Page
) -> None:
    await hearing.sounds(page, "off")
    async with (
        browsing.signed_in(browser, served, "dispatcher") as elsewhere,
        browsing.console(elsewhere) as other,
    ):
        await browsing.arm(other)
        alarm = await served.press()
        await hearing.sounds(page, "siren")
        await hearing.sounds(other, "siren")
        async with served.client("dispatcher") as claims:
            assert (await claims.post(f"/api/v1/alarms/{alarm.id}/claim", json={})).is_success
        await hearing.sounds(page, "off")
        await hearing.sounds(other, "off")


async def test_a_second_press_of_the_same_kind_does_not_end_with_the_first(
    served: Built, page: Page
) -> None:
    first = await served.press("a")
    second = await served.press("b", device="button-90-1")
    await hearing.sounds(page, "siren")
    async with served.client("dispatcher") as claims:
        await claims.post(f"/api/v1/alarms/{first.id}/claim", json={})
        await expect(page.get_by_text("dispatcher").first).to_be_visible()
        await hearing.sounds(page, "siren")
        await claims.post(f"/api/v1/alarms/{second.id}/claim", json={})
        await hearing.sounds(page, "off")


async def test_a_cry_that_is_not_stored_is_heard_too(served: Built, page: Page) -> None:
    served.shout(unstored("a"))
    await hearing.sounds(page, "siren")


async def test_a_security_alarm_sounds_two_tones_each_ten_seconds_and_a_trouble_none(
    served: Built, page: Page
) -> None:
    await hearing.spy(page, "twoTone")
    await served.press("a", kind="battery.low", priority=Priority.P2)
    await served.press("b", kind="tamper.opened", priority=Priority.P1)
    await served.press("c", kind="tamper.opened", priority=Priority.P1, device="button-90-1")
    await waiting.until(
        lambda: page.evaluate("window.twoTone.length === 2"), within_s=15, what="two tones"
    )
    first, second = await page.evaluate("window.twoTone")
    assert 9_900 <= second - first <= 11_000
    assert (await measured(page))["siren"] == "off"


async def test_a_test_alarm_only_chimes(served: Built, page: Page) -> None:
    await hearing.spy(page, "chime")
    await served.press("a", test=True)
    await waiting.until(lambda: page.evaluate("window.chime.length"), within_s=3, what="a chime")
    assert (await measured(page))["siren"] == "off"


async def test_a_stopped_context_is_told_and_the_next_touch_lets_it_run(
    served: Built, page: Page
) -> None:
    await page.evaluate(_SUSPEND)
    await expect(page.locator("#bar-sound")).to_contain_text("The sound has stopped", timeout=2000)
    await expect(page.locator("#sound")).to_have_text("Sound has stopped")
    await served.press()
    await page.get_by_role("button", name="Turn the sound on").click()
    await hearing.sounds(page, "siren")
    await expect(page.locator("#bar-sound")).to_have_count(0)


async def test_a_context_that_says_running_but_whose_time_stands_is_not_believed(
    page: Page,
) -> None:
    await page.evaluate(
        "async () => { for (const one of await (await import('/static/sound.js')).contexts())"
        " Object.defineProperty(one, 'currentTime', { value: one.currentTime }); }"
    )
    await expect(page.locator("#bar-sound")).to_contain_text("The sound has stopped", timeout=3000)


async def test_a_siren_without_a_wave_is_told(served: Built, page: Page) -> None:
    await page.evaluate(
        "async () => { const { Synth } = await import('/static/synth.js');"
        " Synth.prototype.peak = () => 0; }"
    )
    await served.press()
    await expect(page.locator("#bar-sound")).to_contain_text("there is no sound", timeout=3000)


async def test_mute_is_loud_to_the_eye_and_a_new_press_ends_it(served: Built, page: Page) -> None:
    await served.press("a")
    await hearing.sounds(page, "siren")
    await page.keyboard.press("m")
    await hearing.sounds(page, "off")
    await expect(page.locator("#bar-muted")).to_contain_text("All sound is muted")
    await expect(page.locator("#bar-muted")).to_contain_text("04:5")
    await served.press("b", device="button-90-1")
    await hearing.sounds(page, "siren")
    await page.get_by_role("button", name="Sound on", exact=True).click()
    await expect(page.locator("#bar-muted")).to_have_count(0)


async def test_a_console_is_armed_for_the_gateway_as_long_as_its_sound_runs(
    context: BrowserContext,
) -> None:
    async with browsing.console(context) as page:
        bar = page.locator("#bar-unarmed")
        await expect(bar).to_contain_text("No console with its sound on: auezov, medeu")
        await browsing.arm(page)
        await expect(bar).to_have_count(0, timeout=5000)
        await page.evaluate(_SUSPEND)
        await expect(bar).to_have_count(1, timeout=5000)


_SUSPEND = (
    "async () => { for (const one of (await import('/static/sound.js')).contexts())"
    " await one.suspend(); }"
)


async def test_one_alarm_is_snoozed_and_sounds_again_when_it_is_pressed_again(
    served: Built, page: Page
) -> None:
    alarm = await served.press("a")
    await hearing.sounds(page, "siren")
    await _ask(page, "snooze", alarm.id)
    await hearing.sounds(page, "off")
    await expect(page.locator("#bar-snoozed")).to_contain_text("Secondary school No. 12")
    await hearing.tell_anew(page, count=2)
    await hearing.sounds(page, "siren")


async def _ask(page: Page, name: str, alarm: str) -> None:
    await page.evaluate(
        "async ([name, alarm]) => (await import('/static/bus.js')).emit('key', { name, alarm })",
        [name, alarm],
    )


async def test_of_two_tabs_one_sounds_and_the_other_takes_over_when_it_is_closed(
    served: Built, context: BrowserContext, page: Page
) -> None:
    async with browsing.console(context) as second:
        await expect(second.locator("#sound")).to_have_text("Sound in another tab")
        await second.locator("body").click(position={"x": 2, "y": 2})
        await expect(second.locator("body")).to_have_attribute("data-sound", "on")
        await served.press()
        await hearing.sounds(page, "siren")
        assert (await measured(second))["siren"] == "off"
        await page.close()
        await hearing.sounds(second, "siren")


async def test_the_first_touch_after_a_reload_lets_the_sound_run_in_the_same_shift(
    served: Built, page: Page
) -> None:
    await page.reload()
    await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
    await served.press()
    await page.locator("body").click(position={"x": 2, "y": 2})
    await hearing.sounds(page, "siren")
    await expect(page.locator("#bar-sound")).to_have_count(0)


async def test_whoever_may_not_arm_has_no_sound_and_no_bar_of_it(
    browser: Browser, served: Built
) -> None:
    async with (
        browsing.signed_in(browser, served, "auditor") as context,
        browsing.console(context) as page,
    ):
        await expect(page.locator("#sound")).to_have_count(0)
        await expect(page.locator("#bar-sound")).to_have_count(0)
