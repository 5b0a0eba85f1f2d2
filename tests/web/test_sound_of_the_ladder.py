"""The ladder in a real browser: what nobody claims, or nobody answers, is heard by ever more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Browser, Page, expect

from gateway.domain.escalation import Rung, Why
from tests.web import browsing, crowd, hearing, looped
from tests.web.building import Built


@looped.fixture
async def page(browser: Browser, served: Built) -> AsyncIterator[Page]:
    """A dispatcher's page, at which the shift has begun."""
    async with browsing.signed_in(browser, served) as context, browsing.console(context) as opened:
        await browsing.arm(opened)
        yield opened


async def test_a_press_that_nobody_claims_gets_the_second_tone(served: Built, page: Page) -> None:
    await served.press("a")
    await hearing.sounds(page, "siren")
    await hearing.tell_anew(page, escalation=1)
    await hearing.sounds(page, "second")


async def test_what_climbed_to_everybody_is_heard_though_all_is_muted(
    served: Built, page: Page
) -> None:
    await served.press("a")
    await hearing.sounds(page, "siren")
    await page.keyboard.press("m")
    await hearing.sounds(page, "off")
    await hearing.tell_anew(page, escalation=1)
    await hearing.sounds(page, "off")
    await hearing.tell_anew(page, escalation=2)
    await hearing.sounds(page, "second")


async def test_a_press_of_another_district_that_nobody_claims_is_told_and_sounds_two_tones(
    page: Page,
) -> None:
    await hearing.spy(page, "twoTone")
    # In one breath: the gateway's own heartbeat, a second later, says otherwise.
    text, tones = await page.evaluate(
        "async () => { (await import('/static/bus.js')).emit('heartbeat', { at: new Date(),"
        " open: { P0: 0, P1: 0 }, canary_age_s: 1,"
        " escalated: [{ district: 'auezov', rung: 2, count: 1 }] });"
        " return [document.getElementById('bar-escalated').textContent, window.twoTone.length]; }"
    )
    assert "another district: auezov (1)" in text
    assert tones == 1


async def test_what_the_page_has_read_since_is_no_other_districts(
    served: Built, page: Page
) -> None:
    """A page that has just begun hears a heartbeat before it has read its alarms."""
    await served.press("a")
    await expect(page.locator("#alarms .entry")).to_have_count(1)
    before, after = await page.evaluate(
        "async () => { const bus = await import('/static/bus.js');"
        " const [alarm] = (await import('/static/alarms.js')).all();"
        " const told = () => document.getElementById('bar-escalated') !== null;"
        " bus.emit('heartbeat', { at: new Date(), open: { P0: 1, P1: 0 }, canary_age_s: 1,"
        " escalated: [{ district: 'auezov', rung: 2, count: 1 }] }); const before = told();"
        " bus.emit('alarm', { ...alarm, id: 'x', place: { ...alarm.place, district: 'auezov' } });"
        " bus.emit('loaded', { isWhole: true }); return [before, told()]; }"
    )
    assert (before, after) == (True, False)


@asynccontextmanager
async def _unanswered(
    browser: Browser, served: Built, name: str, rung: Rung
) -> AsyncIterator[tuple[Page, AsyncClient, dict[str, Any]]]:
    """A page of that person, and whoever holds a press, does not answer, and it has climbed."""
    async with (
        browsing.signed_in(browser, served, name) as context,
        browsing.console(context) as page,
        served.client("aigerim") as holder,
    ):
        await browsing.arm(page)
        await hearing.spy(page, "twoTone")
        alarm = await served.press()
        held = (await holder.post(f"/api/v1/alarms/{alarm.id}/claim", json={})).json()
        await crowd.climb(served, alarm.id, rung, Why.NO_RESPONSE)
        yield page, holder, held


@pytest.mark.parametrize(("role", "is_called"), [("supervisor", True), ("dispatcher", False)])
async def test_a_supervisor_hears_that_a_holder_does_not_answer_until_it_is_answered(
    browser: Browser, served: Built, role: str, *, is_called: bool
) -> None:
    async with _unanswered(browser, served, role, Rung.SUPERVISOR) as (page, holder, held):
        await expect(page.locator("#alarms .entry .holder")).to_contain_text("supervisor called")
        told = await _tones_within(page, 2.0)
        assert bool(told) == is_called
        said = {"id": "r", "state": "dispatched", "version": held["version"]}
        answer = await holder.post(f"/api/v1/alarms/{held['id']}/respond", json=said)
        assert answer.is_success
        await expect(page.locator("#alarms .entry .holder")).not_to_contain_text("called")
        assert await _tones_within(page, 11.0) == told


@pytest.mark.parametrize(("name", "is_called"), [("bolat", True), ("aigerim", False)])
async def test_what_nobody_answers_calls_everybody_but_its_holder_without_a_siren(
    browser: Browser, served: Built, name: str, *, is_called: bool
) -> None:
    async with _unanswered(browser, served, name, Rung.EVERYONE) as (page, _, _):
        assert bool(await _tones_within(page, 2.0)) == is_called
        await hearing.sounds(page, "off")


async def test_a_supervisor_who_muted_one_call_hears_the_next(
    browser: Browser, served: Built
) -> None:
    async with (
        browsing.signed_in(browser, served, "supervisor") as context,
        browsing.console(context) as page,
    ):
        await browsing.arm(page)
        await hearing.spy(page, "twoTone")
        await _called_for(served, page, "a", "button-12-1")
        assert await _tones_within(page, 2.0) == 1
        await page.keyboard.press("m")
        assert await _tones_within(page, 11.0) == 1
        await _called_for(served, page, "b", "button-90-1")
        assert await _tones_within(page, 2.0) == 2


async def _called_for(served: Built, page: Page, key: str, device: str) -> None:
    """Somebody holds it and does not answer: the ladder calls the supervisor."""
    await served.press(key, device)
    async with served.client("aigerim") as holder:
        assert (await holder.post(f"/api/v1/alarms/{key * 32}/claim", json={})).is_success
    await crowd.climb(served, key * 32, Rung.SUPERVISOR, Why.NO_RESPONSE)
    row = page.locator(f"#alarms [data-alarm='{key * 32}'] .holder")
    await expect(row).to_contain_text("supervisor called")


async def _tones_within(page: Page, within_s: float) -> int:
    """How many there are when that time is over: that none more comes has no sign to wait for."""
    await asyncio.sleep(within_s)
    return int(await page.evaluate("window.twoTone.length"))
