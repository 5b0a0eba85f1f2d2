"""What a person does to the alarm that is open, in a real browser; test windows on the page."""

import re

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.web import browsing, panes
from tests.web.building import Built


async def test_a_dispatcher_claims_with_a_key_and_others_read_the_name(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    await page.wait_for_timeout(panes.MEANT_MS)
    await page.keyboard.press("a")
    await expect(pane.locator(".state")).to_have_text("You hold it")
    await expect(pane.get_by_role("button", name="Claim")).to_be_hidden()
    await expect(pane.locator(".line li").first).to_contain_text("Claimed aigerim")


async def test_a_late_claimer_reads_who_took_it_and_how_long_ago(served: Built, page: Page) -> None:
    pane = await panes.waits(served, page)

    async def somebody_is_first(route: Route) -> None:
        async with served.client("dispatcher") as other:
            await other.post(f"/api/v1/alarms/{'a' * 32}/claim", json={})
        await route.continue_()

    await page.route("**/claim", somebody_is_first)
    await pane.get_by_role("button", name="Claim").click()
    taken = re.compile(r"Taken by dispatcher \d s ago\.")
    await expect(pane.locator(".pane-body > .refusal")).to_have_text(taken)


async def test_closing_asks_how_it_ended_and_a_note_and_then_the_next_opens(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    await served.press("b", device="button-90-1")
    await expect(pane.get_by_role("button", name="Close", exact=False)).to_have_count(0)
    await pane.get_by_role("button", name="Claim").click()
    await pane.get_by_role("button", name="Close C").click()
    form = pane.locator("form[data-form=close]")
    refusal = pane.locator(".pane-body > .refusal")
    await form.get_by_role("button", name="Close").click()
    await expect(refusal).to_have_text("Choose how it ended.")
    await form.get_by_label("False").check()
    await expect(form.locator(".needed")).to_be_visible()
    await form.get_by_role("button", name="Close").click()
    await expect(refusal).to_contain_text("needs a note")
    await form.locator("textarea").fill("a child pressed it")
    await form.get_by_role("button", name="Close").click()
    await expect(pane.locator(".state")).to_have_text("Closed: False")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90", timeout=6000)


async def test_responses_are_given_by_one_press_each(served: Built, page: Page) -> None:
    pane = await panes.waits(served, page)
    await pane.get_by_role("button", name="Claim").click()
    sent = pane.get_by_role("button", name="Patrol sent")
    await sent.click()
    await expect(pane.locator(".state")).to_have_text("You hold it · patrol on its way")
    await expect(sent).to_have_attribute("aria-pressed", "true")
    await expect(pane.get_by_role("button", name="Accepted")).to_be_disabled()
    await pane.get_by_role("button", name="On scene").click()
    await expect(pane.locator(".line li").first).to_contain_text("On scene aigerim")


async def test_a_note_is_a_line_of_the_time_line(served: Built, page: Page) -> None:
    pane = await panes.waits(served, page)
    await page.wait_for_timeout(panes.MEANT_MS)
    await page.keyboard.press("n")
    await page.keyboard.type("<b>the guard</b> says all is well")
    await pane.get_by_role("button", name="Write it down").click()
    note = pane.locator(".line .note")
    await expect(note).to_have_text("<b>the guard</b> says all is well")
    await expect(pane.locator("form[data-form=note]")).to_be_hidden()


async def test_what_the_centre_closes_is_shown_to_its_holder_who_agrees(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    await pane.get_by_role("button", name="Claim").click()
    await expect(pane.locator(".state")).to_have_text("You hold it")
    said = {"id": "r1", "state": "closed", "disposition": "false"}
    async with served.client("machine") as centre:
        done = await centre.post(f"/api/v1/alarms/{'a' * 32}/respond", json=said)
    assert done.status_code == 200
    closing = re.compile(r"The centre has closed it: False\. .* in 1[12]\d s\.")
    await expect(pane.locator(".closing")).to_have_text(closing)
    await pane.get_by_role("button", name="Agree and close").click()
    await expect(pane.locator(".state")).to_have_text("Closed: False")
    await expect(pane).to_be_hidden(timeout=6000)


async def test_the_procedure_is_ticked_step_by_step_and_a_tick_is_taken_back(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    first, second = pane.locator(".procedure li").nth(0), pane.locator(".procedure li").nth(1)
    await first.locator("input").check()
    await expect(first.locator(".who")).to_contain_text("aigerim · ")
    await expect(pane.locator(".line li").first).to_contain_text("Done: Send the nearest patrol")
    async with served.client("dispatcher") as other:
        await other.post(f"/api/v1/alarms/{'a' * 32}/procedure", json={"step": "look"})
    await expect(second.locator(".who")).to_contain_text("dispatcher · ")
    await expect(second.locator("input")).to_be_checked()
    await first.locator("input").uncheck()
    await expect(first.locator(".who")).to_be_hidden()
    await expect(pane.locator(".line li").first).to_contain_text("Not done after all")


async def test_a_supervisor_takes_over_what_another_holds(served: Built, supervisor: Page) -> None:
    pane = await panes.waits(served, supervisor)
    await pane.locator(".site").click()  # a person looks at it: it does not go by itself
    async with served.client("aigerim") as other:
        await other.post(f"/api/v1/alarms/{'a' * 32}/claim", json={})
    await expect(pane.locator(".state")).to_have_text("held by aigerim")
    await expect(pane.get_by_role("button", name="Claim")).to_be_hidden()
    await pane.get_by_role("button", name="Take over").click()
    await expect(pane.locator(".state")).to_have_text("You hold it")
    await expect(pane.locator(".line li").first).to_contain_text("Taken over supervisor")


async def test_a_dispatcher_may_not_take_over_but_reads_who_holds_it(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    await pane.locator(".site").click()
    async with served.client("dispatcher") as other:
        await other.post(f"/api/v1/alarms/{'a' * 32}/claim", json={})
    await expect(pane.locator(".state")).to_have_text("held by dispatcher")
    await expect(pane.get_by_role("button", name="Take over")).to_be_hidden()
    await page.wait_for_timeout(panes.MEANT_MS)
    await page.keyboard.press("a")
    taken = re.compile(r"Taken by dispatcher \d s ago\.")
    await expect(pane.locator(".pane-body > .refusal")).to_have_text(taken)


async def test_a_test_window_is_opened_seen_by_all_and_ended_on_the_page(
    served: Built, supervisor: Page
) -> None:
    page = supervisor
    await page.get_by_role("button", name="Test…").click()
    window = page.get_by_role("dialog", name="Open a test window")
    await window.get_by_label("Site").select_option("school-12")
    await expect(window.get_by_label("panic button · Entrance hall · button-12-1")).to_be_checked()
    await window.get_by_role("button", name="Open the window").click()
    await expect(window.locator(".refusal")).to_have_text("Write why it is tested.")
    await window.get_by_label("Minutes").fill("5")
    await window.get_by_label("Why").fill("walk test")
    await window.get_by_role("button", name="Open the window").click()
    strip = page.locator("#tests li")
    await expect(strip).to_contain_text("Secondary school No. 12: 1 device until ")
    await expect(strip).to_contain_text("Heard 0 of 3. Opened by supervisor")
    async with served.client("technician") as client:
        (told,) = (await client.get("/api/v1/tests")).json()["items"]
    assert told["expected"] == {"button-12-1": 3}
    await strip.get_by_role("button", name="End the test").click()
    await expect(strip).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Secondary school No. 12 has a real open P0 alarm, so no test can begin there"),
        ("ru", "открыта настоящая тревога P0, проверку начать нельзя"),
        ("kk", "нақты P0 дабылы ашық, сынақты бастауға болмайды"),
    ],
)
async def test_a_window_over_an_open_real_p0_is_refused_in_words(
    served: Built, supervisor: Page, language: str, said: str
) -> None:
    page = supervisor
    await page.goto(f"/?lang={language}")
    await page.locator("#tests-open").click()
    window = page.locator("#test-window")
    await window.locator("[name=site]").select_option("school-12")
    await expect(window.locator("input[value=button-12-1]")).to_be_checked()
    await served.press("b", device="button-12-1")
    await window.locator("[name=reason]").fill("walk test")
    await window.locator("button.first").click()
    await expect(window.locator(".refusal")).to_contain_text(said)
    await expect(page.locator("#tests li")).to_have_count(0)


async def test_a_dispatcher_sees_an_open_test_and_cannot_open_one(
    served: Built, page: Page
) -> None:
    body = {"devices": ["button-12-1"], "minutes": 5, "reason": "walk test"}
    async with served.client("technician") as client:
        await client.post("/api/v1/tests", json=body)
    await page.reload()
    await expect(page.locator("#tests li")).to_contain_text("Opened by technician")
    await expect(page.get_by_role("button", name="End the test")).to_have_count(0)
    await expect(page.locator("#tests-open")).to_be_hidden()


async def test_what_is_pressed_at_one_site_is_claimed_and_closed_together(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    await served.press("b", device="button-12-1", part=2)
    beside = pane.locator(".beside-it button")
    await expect(beside).to_contain_text("Also: Entrance hall · Panic button pressed")
    await expect(pane.locator("#pane-next")).to_be_hidden()
    await pane.get_by_role("button", name="Claim A").click()
    await expect(beside).to_contain_text("You hold it")
    await pane.get_by_role("button", name="Close C").click()
    form = pane.locator("form[data-form=close]")
    every = form.get_by_label("Close all 2 alarms of this site so")
    await expect(every).not_to_be_checked()  # each may be another thing: a person says so
    await every.check()
    await form.get_by_label("False").check()
    await form.locator("textarea").fill("a child pressed both")
    await form.get_by_role("button", name="Close").click()
    await expect(page.locator(".entry")).to_have_count(0, timeout=10_000)
    async with served.client("aigerim") as client:
        found = (await client.get("/api/v1/alarms")).json()["items"]
    assert {one["note"] for one in found} == {"a child pressed both"}


async def test_a_silent_cry_is_never_closed_with_another(served: Built, page: Page) -> None:
    pane = await panes.waits(served, page)
    await served.press("b", device="button-12-1", part=2, silent=True)
    await pane.get_by_role("button", name="Claim A").click()
    await expect(pane.locator(".beside-it button")).to_contain_text("You hold it")
    await pane.get_by_role("button", name="Close C").click()
    await expect(pane.locator("form[data-form=close] .every")).to_be_hidden()


async def test_what_was_written_of_one_alarm_never_ends_another(served: Built, page: Page) -> None:
    pane = await panes.waits(served, page)
    form = pane.locator("form[data-form=close]")
    await pane.get_by_role("button", name="Claim A").click()
    await pane.get_by_role("button", name="Close C").click()
    await form.get_by_label("False").check()
    await form.locator("textarea").fill("the guard leant on it")
    await pane.get_by_role("button", name="Close C").click()  # once more: it is shown, not lost
    await expect(form.locator("textarea")).to_have_value("the guard leant on it")
    await form.get_by_role("button", name="Close").click()
    await served.press("b", device="button-90-1")
    await expect(pane.locator("#pane-site")).to_have_text("Gymnasium No. 90", timeout=5000)
    await pane.get_by_role("button", name="Claim A").click()
    await pane.get_by_role("button", name="Close C").click()
    await expect(form.locator("textarea")).to_have_value("")
    await expect(form.locator("input:checked")).to_have_count(0)


async def test_nothing_opens_by_itself_before_who_cannot_claim(
    served: Built, browser: Browser
) -> None:
    async with (
        browsing.signed_in(browser, served, "technician") as context,
        browsing.console(context) as page,
    ):
        await served.press()
        await expect(page.locator(".entry")).to_have_count(1)
        await expect(panes.pane(page)).to_be_hidden()
        await page.mouse.move(9, 9)
        await page.locator(".entry .site").click()
        pane = panes.pane(page)
        await expect(pane.locator(".site")).to_have_text("Secondary school No. 12")
        await expect(pane.get_by_role("button", name="Claim")).to_be_hidden()
