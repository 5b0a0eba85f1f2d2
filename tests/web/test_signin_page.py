"""The page to sign in at, in a real browser: by name, by token, from elsewhere, in each tongue."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from gateway import oidc
from gateway.store import people
from gateway.store.database import Urgency
from gateway.web import words
from tests.harness import ports
from tests.harness import provider as providers
from tests.harness.changed import replace
from tests.web import looped
from tests.web.building import Built
from tests.web.staffing import PASSWORD, let_in


@looped.fixture
async def door(browser: Browser, served: Built) -> AsyncIterator[Page]:
    """A browser before the door; its faults fail the test."""
    faults: list[str] = []
    await let_in(served)
    opened = await browser.new_page(base_url=served.url)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield opened
    await opened.close()
    assert not [one for one in faults if "401" not in one]


async def test_a_person_signs_in_by_name_with_the_keyboard_alone(door: Page) -> None:
    await door.goto("/?lang=en")
    await expect(door.get_by_label("Name")).to_be_focused()
    await door.keyboard.type("dana")
    await door.keyboard.press("Tab")
    await door.keyboard.type("a wrong one, sadly")
    await door.keyboard.press("Enter")
    await expect(door.get_by_role("alert")).to_contain_text("do not go together")
    await expect(door.get_by_label("Name")).to_have_value("dana")
    await expect(door.get_by_label("Password")).to_be_focused()
    await expect(door.get_by_label("Password")).to_have_value("")
    await door.keyboard.type(PASSWORD)
    await door.keyboard.press("Enter")
    await expect(door.locator("#pulse")).to_have_attribute("data-state", "live")
    cookie = next(one for one in await door.context.cookies() if one["name"] == "dabyl")
    assert (cookie["sameSite"], cookie["httpOnly"]) == ("Strict", True)


@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_the_door_says_that_no_alarm_is_heard_there(door: Page, lang: str) -> None:
    await door.goto(f"/signin?lang={lang}")
    await expect(door.locator(".deaf")).to_be_visible()
    await expect(door.locator(".deaf")).to_have_text(words.say(lang, "signin.deaf"))


async def test_a_token_still_opens_behind_its_own_line(door: Page) -> None:
    await door.goto("/signin?lang=en")
    await expect(door.get_by_label("Access token")).to_be_hidden()
    await door.get_by_text("With an access token").click()
    await door.get_by_label("Access token").fill("aigerim-secret")
    await door.get_by_role("button", name="Come in with the token").click()
    await expect(door.locator("#pulse")).to_have_attribute("data-state", "live")


@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_every_reason_is_said_in_words_that_fit_on_a_phone(door: Page, language: str) -> None:
    await door.set_viewport_size({"width": 320, "height": 640})
    await door.goto(f"/signin?lang={language}")
    await door.locator("#name").fill("x" * 80)
    await door.locator("#password").fill("a wrong one, sadly")
    await door.locator("button.first").click()
    await expect(door.get_by_role("alert")).to_be_visible()
    await door.locator("summary").click()
    scrolls = await door.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not scrolls
    heights = await door.locator("button").evaluate_all("all => all.map(b => b.offsetHeight)")
    assert min(heights) >= 44
    assert await door.evaluate("document.documentElement.lang") == language


async def test_a_person_comes_back_signed_in_from_the_organisations_own_page(
    door: Page, served: Built
) -> None:
    async with providers.running("localhost") as provider:  # another site than 127.0.0.1
        elsewhere = oidc.Provider(
            issuer=provider.url,
            client_id=providers.CLIENT,
            secret=lambda: providers.SECRET,
            name="the Ministry",
            tls=None,
            now=served.house.clock.now,
        )
        served.app.state.house = replace(served.house, elsewhere=elsewhere, base_url=served.url)
        await served.database.write(
            lambda c: people.link(c, "dana", provider.url, "17"), Urgency.STEP
        )
        await door.goto("/signin?lang=en")
        await door.get_by_role("link", name="Sign in at the Ministry").click()
        await expect(door.locator("#pulse")).to_have_attribute("data-state", "live")


async def test_a_link_on_a_foreign_page_leads_to_the_page_and_not_to_the_door(
    door: Page, served: Built
) -> None:
    await door.goto("/signin?lang=en")
    await door.get_by_label("Name").fill("dana")
    await door.get_by_label("Password").fill(PASSWORD)
    await door.get_by_role("button", name="Come in").first.click()
    await expect(door.locator("#pulse")).to_have_attribute("data-state", "live")
    port = ports.free()

    async def foreign(_: web.Request) -> web.Response:
        return web.Response(text=f'<a href="{served.url}/">x</a>', content_type="text/html")

    app = web.Application()
    app.router.add_get("/", foreign)
    app.router.add_get("/favicon.ico", foreign)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await door.goto(f"http://localhost:{port}/")
        await door.get_by_text("x").click()
        await expect(door.locator("#pulse")).to_have_attribute("data-state", "live")
    finally:
        await runner.cleanup()
