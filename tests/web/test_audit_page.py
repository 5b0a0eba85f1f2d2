"""The page of the audit in a real browser: read, searched, taken along, in three languages."""

import csv
import io
import re

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from gateway.domain.deed import Deed, Why
from gateway.domain.operator import Role
from gateway.store import audit, audit_views, operators, schema
from gateway.store.audit import Audited
from gateway.store.audit_views import Sought
from gateway.store.database import Urgency
from gateway.web import pages, words
from tests.web import judging
from tests.web.building import Built

LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)
EVIL = "<img src=x onerror=alert(1)>\u202e" + "я" * 300


async def opened(browser: Browser, served: Built, name: str, path: str, **more: object) -> Page:
    """A page of that person's, signed in by a one-time link."""
    until = served.house.clock.now().replace(year=2099)
    await served.database.write(
        lambda c: operators.open_sign_in(c, "link", name, until, once=True), Urgency.STEP
    )
    page = await browser.new_page(base_url=served.url, **more)  # type: ignore[arg-type]
    await page.goto("/signin?once=link")
    await page.locator("button.first").click()
    await page.wait_for_url("**/")
    await page.goto(path)
    return page


async def noted(served: Built, *deeds: Audited) -> None:
    now = served.house.clock.now()
    for one in deeds:
        await served.database.write(lambda c, one=one: audit.note(c, one, now), Urgency.STEP)  # type: ignore[misc]


def everything() -> list[Audited]:
    """One row of each deed, and one of each refusal."""
    plain = {"what": Deed.CLAIM, "who": "aigerim", "role": "dispatcher", "district": "medeu"}
    data = {"kind": "panic.pressed", "site": "school-12", "version": 2, "note": "қоңырау шалдым"}
    said = {"count": 12, "address": "10.1.2.3", "request": "POST /api/v1/alarms", "since": None}
    return [
        *(Audited(**{**plain, "what": one, "key": "a" * 32, "data": data}) for one in Deed),  # type: ignore[arg-type]
        *(Audited(**{**plain, "what": Deed.REFUSED, "data": {**said, "why": one}}) for one in Why),  # type: ignore[arg-type]
    ]


@LANGUAGES
async def test_an_auditor_reads_who_did_what_in_their_language(
    browser: Browser, served: Built, language: str
) -> None:
    word = words.of(language)
    alarm = await served.press()
    async with served.client("aigerim") as client:
        await client.post(f"/api/v1/alarms/{alarm.id}/claim", json={})
    await noted(
        served, Audited(who="", role="", what=Deed.REFUSED, data={"why": Why.SIGN_IN_FAILED})
    )
    page = await opened(browser, served, "auditor", f"/audit?lang={language}")
    await expect(page.locator("h1")).to_have_text(word["audit.title"])
    row = page.locator("tbody tr").last
    await expect(row.locator(".name")).to_contain_text("aigerim")
    await expect(row.locator(".name")).to_contain_text(word["role.dispatcher"])
    await expect(row.locator(".deed")).to_have_text(word["deed.claim"])
    await expect(row.locator(".details")).to_contain_text(word["kind.panic.pressed"])
    refused = page.locator("tr.refused .deed")
    said = f"{word['deed.refused']}: {word['refused_for.sign_in_failed']}"
    await expect(refused).to_have_text(said)
    assert await page.locator("html").get_attribute("lang") == language


async def test_an_auditor_searches_turns_pages_and_takes_it_along(
    browser: Browser, served: Built
) -> None:
    await noted(served, *(Audited(who=f"p{n % 2}", role="", what=Deed.NOTE) for n in range(120)))
    page = await opened(browser, served, "auditor", "/audit?lang=en")
    await expect(page.locator("tbody tr")).to_have_count(50)
    await page.get_by_label("Who", exact=True).fill("p1")
    await page.get_by_label("What", exact=True).select_option("note")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("tbody .number").first).to_have_text("120")
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator("tbody tr")).to_have_count(10)
    await expect(page.locator("tbody .number").last).to_have_text("2")
    async with page.expect_download() as starting:
        await page.get_by_role("link", name="Download as a sheet").click()
    path = await (await starting.value).path()
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert (len(rows), {one["who"] for one in rows}) == (60, {"p1"})
    await page.get_by_role("link", name="Newest").click()
    await page.get_by_role("link", name="Clear").click()
    await expect(page.locator("tbody .deed").first).to_have_text("Data exported")


async def test_an_auditor_has_the_chain_checked_and_is_told_what_is_wrong(
    browser: Browser, served: Built
) -> None:
    await noted(served, *(Audited(who="p", role="", what=Deed.NOTE) for _ in range(5)))
    page = await opened(browser, served, "auditor", "/audit?lang=en")
    check = page.get_by_role("button", name="Check the chain")
    await check.click()
    await expect(page.locator(".checked[role=status]")).to_have_text(
        "The chain is whole: 6 rows checked."
    )
    rows = schema.audit
    touched = update(rows).where(rows.c.number == 2).values(who="eve")
    await served.database.write(lambda c: c.execute(touched), Urgency.STEP)
    await check.click()
    await expect(page.locator(".checked[role=status]")).to_contain_text("NOT whole")
    await expect(page.locator(".checked").last).to_contain_text("row 2 was changed")
    await page.get_by_role("link", name="Рус").click()
    await expect(page.locator("h1")).to_have_text(words.of("ru")["audit.title"])


async def test_days_are_those_of_almaty(browser: Browser, served: Built) -> None:
    late = served.house.clock.now().replace(2026, 3, 1, 20, 30)  # the second of March there
    one = Audited(who="p", role="", what=Deed.NOTE)
    await served.database.write(lambda c: audit.note(c, one, late), Urgency.STEP)
    page = await opened(
        browser, served, "auditor", "/audit?lang=en&since=2026-03-02&until=2026-03-02"
    )
    await expect(page.locator("tbody time")).to_have_text(re.compile(r"2 Mar 2026, 01:30:\d\d"))
    await page.goto("/audit?since=2026-03-01&until=2026-03-01")
    await expect(page.locator("tbody tr")).to_have_count(0)


async def test_strangers_words_stay_text(browser: Browser, served: Built) -> None:
    evil = Audited(who=EVIL, role=EVIL, what=Deed.NOTE, key=EVIL, data={EVIL: EVIL, "kind": EVIL})
    await noted(served, evil)
    page = await opened(browser, served, "auditor", "/audit?lang=en")
    named = page.locator("td.name bdi").filter(has_not_text="auditor")  # who signed in
    await expect(named).to_contain_text("<img src=x")
    assert await page.locator("td img").count() == 0
    query = "/audit?who=%3Cscript%3E&what=dance&since=9999-99-99&until=x&before=-1&key=%00"
    answer = await page.goto(query)
    assert answer is not None
    assert answer.status == 200


async def test_whoever_may_not_see_it_is_told_and_whoever_is_not_signed_in_is_led_to_the_door(
    browser: Browser, served: Built
) -> None:
    page = await opened(browser, served, "dispatcher", "/audit?lang=ru")
    await expect(page.get_by_role("alert")).to_have_text(words.of("ru")["audit.denied"])
    await page.context.clear_cookies()
    await page.goto("/audit")
    await page.wait_for_url(re.compile("/signin"))
    old = {"name": "dabyl", "value": "x" * 43, "url": served.url}
    await page.context.add_cookies([old])  # type: ignore[list-item]
    await page.goto("/audit")
    await page.wait_for_url(re.compile("/signin"))
    await served.app.state.refusals.write()
    found = await served.database.read(lambda c: audit_views.listed(c, Sought(), 9))
    assert {one.data["why"] for one in found if "why" in one.data} == {
        Why.FORBIDDEN,
        Why.EXPIRED_SESSION,
    }


@LANGUAGES
@pytest.mark.parametrize("width", [360, 768, 1280, 3840])
async def test_nothing_is_cut_off_on_any_screen(
    browser: Browser, served: Built, language: str, width: int
) -> None:
    await noted(served, *everything())
    size = {"width": width, "height": 900}
    page = await opened(browser, served, "auditor", f"/audit?lang={language}", viewport=size)
    await expect(page.locator("tbody tr").first).to_be_visible()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


@pytest.mark.parametrize("theme", pages.THEMES)
@pytest.mark.parametrize("width", [390, 1280])
async def test_a_full_page_is_accessible_in_every_theme(
    browser: Browser, served: Built, theme: str, width: int
) -> None:
    await noted(served, *everything())
    size = {"width": width, "height": 900}
    page = await opened(browser, served, "auditor", "/signin", viewport=size)
    await page.context.add_cookies([{"name": "theme", "value": theme, "url": served.url}])
    await page.goto("/audit?who=aigerim")
    await expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert await judging.faults(page) == []


def test_every_deed_refusal_and_role_has_its_word_in_every_language() -> None:
    needed = {
        *(f"deed.{one}" for one in Deed),
        *(f"refused_for.{one}" for one in Why),
        *(f"role.{one}" for one in Role),
    }
    for language in words.LANGUAGES:
        assert needed - set(words.of(language)) == set()
