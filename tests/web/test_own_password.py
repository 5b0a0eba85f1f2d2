"""One's own password: changed by whoever knows the old one, and nobody stays who came by it."""

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from gateway import passwords
from gateway.store import people, schema
from gateway.web import words
from tests.web.building import Built
from tests.web.staffing import OURS, PASSWORD, by_name, let_in

NEW = "тасбақа жайлап су ішеді"


async def test_the_other_sessions_end_and_this_one_goes_on_when_it_is_changed(
    staffed: Built,
) -> None:
    async with staffed.client() as mine, staffed.client() as other:
        await by_name(mine)
        await by_name(other)
        body = {"old": PASSWORD, "new": NEW}
        path = "/api/v1/session/password"
        assert (await mine.post(path, json=body)).status_code == 403  # not from our page
        answer = await mine.post(path, json=body, headers=OURS)
        assert answer.status_code == 204, answer.text
        assert (await mine.get("/api/v1/alarms")).status_code == 200
        assert (await other.get("/api/v1/alarms")).status_code == 401
        assert (await by_name(other)).status_code == 401
        assert (await by_name(other, NEW)).status_code == 200
    rows = await staffed.database.read(
        lambda c: c.execute(select(schema.audit.c.what, schema.audit.c.data)).all()
    )
    assert ("password_changed", '{"own":true}') in [tuple(row) for row in rows]
    assert not any(word in str(rows) for word in (PASSWORD, NEW))


@pytest.mark.parametrize(
    ("old", "new", "again", "why"),
    [
        ("not my old one", NEW, NEW, "not_the_old"),
        (PASSWORD, NEW, NEW + "!", "unequal"),
        (PASSWORD, "short", "short", "short"),
        (PASSWORD, "qwertyuiop12345", "qwertyuiop12345", "guessable"),
        (PASSWORD, "x" * 300, "x" * 300, "long"),
        (PASSWORD, "abababababab", "abababababab", "few_letters"),
    ],
)
async def test_the_page_says_what_is_wrong_and_nothing_changes(
    house: Built, old: str, new: str, again: str, why: str
) -> None:
    await let_in(house)
    async with house.client() as client:
        await by_name(client)
        form = {"old": old, "new": new, "again": again}
        answer = await client.post("/password?lang=en", data=form, headers=OURS)
    assert words.of("en")[f"password.{why}"].split("’")[0] in answer.text
    kept = await house.database.read(lambda c: people.get(c, "dana"))
    assert kept is not None
    assert passwords.fits(kept.hash, PASSWORD)


async def test_guesses_at_the_old_one_must_wait_like_guesses_at_the_door(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    await let_in(house)
    monkeypatch.setattr(passwords, "fits", lambda _, given: given == PASSWORD)
    async with house.client() as client:
        await by_name(client)
        form = {"old": "a guess", "new": NEW, "again": NEW}
        codes = [
            (await client.post("/password", data=form, headers=OURS)).status_code for _ in range(11)
        ]
    assert codes == [401] * 10 + [429]


async def test_whoever_came_by_a_token_has_none_here_and_a_machine_no_page(house: Built) -> None:
    async with house.client("aigerim") as person, house.client("machine") as machine:
        page = await person.get("/password?lang=en")
        assert "You have no password here" in page.text
        assert "<form" not in page.text
        assert (await machine.get("/password")).status_code == 403


async def test_a_person_changes_it_in_a_browser_and_goes_on(
    browser: Browser, served: Built
) -> None:
    await let_in(served)
    page = await browser.new_page(base_url=served.url)
    await page.goto("/signin?lang=en&next=/password")
    await page.get_by_label("Name").fill("dana")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Come in").first.click()
    await page.get_by_label("Present password").fill(PASSWORD)
    await page.get_by_label("New password", exact=True).fill(NEW)
    await page.get_by_label("New password, again").fill(NEW)
    await page.get_by_role("button", name="Change it").click()
    await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
    await expect(page.locator("a.who")).to_have_text("dana")
    await page.close()
