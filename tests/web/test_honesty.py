"""What a page says of itself when it cannot be trusted, in a real browser."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

from playwright.async_api import Browser, BrowserContext, Page, expect

from gateway.domain.kind import Priority
from gateway.store import forgetting
from gateway.store.database import Urgency
from tests.harness import cable, ports, waiting
from tests.harness.changed import replace
from tests.web import browsing, building, looped
from tests.web.building import Built


@looped.fixture
async def line(served: Built) -> AsyncIterator[cable.Cable]:
    """The line between the browser and the gateway; it can be stalled and cut."""
    async with cable.Cable(int(served.url.rpartition(":")[2])) as laid:
        served.url = f"http://127.0.0.1:{laid.port}"
        _prove(served, 4.2)
        yield laid


@looped.fixture
async def context(
    browser: Browser, line: cable.Cable, served: Built
) -> AsyncIterator[BrowserContext]:
    """The browser of a dispatcher at the other end of that line."""
    assert line.port
    async with browsing.signed_in(browser, served) as opened:
        yield opened


@looped.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Their page."""
    async with browsing.console(context, expected=browsing.AWAY) as opened:
        yield opened


def _prove(served: Built, age_s: float | None) -> None:
    house = replace(served.app.state.hub._house, canary_age_s=lambda: age_s)  # noqa: SLF001
    served.app.state.hub._house = house  # noqa: SLF001 - it was made with the other


async def _trust(page: Page, trust: str, within_ms: float) -> None:
    await expect(page.locator("body")).to_have_attribute("data-trust", trust, timeout=within_ms)


async def test_a_page_is_grey_and_says_so_within_four_seconds_when_the_gateway_dies(
    browser: Browser, house: Built
) -> None:
    port = ports.free()
    async with building.served(house, port):
        _prove(house, 4.2)
        await house.press("a")
        opened = browsing.signed_in(browser, house)
        context = await opened.__aenter__()
        page = await context.new_page()
        await page.goto("/?lang=en")
        await _trust(page, "whole", 5000)
        await page.evaluate(_WATCH)
    bar = page.locator("#bar-silent")
    await expect(bar).to_contain_text("No connection to the alarm system", timeout=10_000)
    await expect(bar).to_contain_text(re.compile(r"last heard \d+ s ago"))
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).filter") == (
        "grayscale(1)"
    )
    took_ms = await page.evaluate("window.blindAt - window.beatAt")
    assert 3000 < took_ms <= 4000
    for key in "bcd":
        await house.press(key, device="button-90-1")
    async with building.served(house, port):
        await waiting.until(partial(_holds, page, [*"abcd"]), within_s=3, what="all are there")
        await _trust(page, "whole", 3000)
        await opened.__aexit__(None, None, None)


_WATCH = """async () => {
  const bus = await import('/static/bus.js');
  await new Promise((heard) => bus.on('heartbeat', () => heard(window.beatAt = performance.now())));
  new MutationObserver(() => {
    if (document.body.dataset.trust === 'blind') window.blindAt ??= performance.now();
  }).observe(document.body, { attributes: true });
}"""


async def test_a_line_that_is_stalled_is_told_and_resumed_without_a_gap(
    served: Built, line: cable.Cable, page: Page
) -> None:
    await served.press("a")
    await expect(page.locator("#open-p0")).to_have_text("1")
    line.stall()
    await _trust(page, "blind", 6000)
    for key in "bcd":
        await served.press(key, device="button-90-1")
    await served.press("e", kind="tamper.opened", priority=Priority.P1)
    line.heal()
    await _trust(page, "whole", 10_000)
    await expect(page.locator("#bar-away")).to_contain_text("4 alarms while you were away")
    assert await page.evaluate(_HELD) == ["a", "b", "c", "d", "e"]
    await page.get_by_role("button", name="Understood").click()
    await expect(page.locator("#bar-away")).to_have_count(0)


_HELD = """async () => {
  const { all } = await import('/static/alarms.js');
  return all().map((one) => one.id[0]).sort();
}"""


async def test_a_line_that_was_cut_so_long_that_its_place_is_gone_reads_everything_anew(
    served: Built, line: cable.Cable, page: Page
) -> None:
    closed = await served.press("a")
    await expect(page.locator("#open-p0")).to_have_text("1")
    line.stall()
    line.cut()
    await _trust(page, "blind", 6000)
    async with served.client("dispatcher") as other:
        answer = await other.post(f"/api/v1/alarms/{closed.id}/claim", json={})
        body = {"version": answer.json()["version"], "disposition": "false", "note": "a ball"}
        assert (await other.post(f"/api/v1/alarms/{closed.id}/close", json=body)).is_success
    for key in "bcd":
        await served.press(key, device="button-90-1")
    now = served.house.clock.now() + timedelta(hours=1)
    await served.database.write(lambda c: forgetting.changes(c, now, 99), Urgency.BULK)
    await served.press("e")
    line.heal()
    await _trust(page, "whole", 10_000)
    await expect(page.locator("#bar-away")).to_contain_text("4 alarms while you were away")
    await waiting.until(lambda: _holds(page, ["b", "c", "d", "e"]), what="the page is abreast")


async def _holds(page: Page, keys: list[str]) -> bool:
    return bool(await page.evaluate(_HELD) == keys)


async def test_a_frozen_tab_catches_up_when_it_wakes(
    served: Built, context: BrowserContext, page: Page
) -> None:
    """What the browser does to a tab that was hidden for long; the other tab is awake meanwhile."""
    async with browsing.console(context, expected=browsing.AWAY) as awake:
        session = await context.new_cdp_session(page)
        await session.send("Page.setWebLifecycleState", {"state": "frozen"})
        for key in "abcdef":
            await served.press(key, wake=key == "f")
        await waiting.until(lambda: _holds(awake, [*"abcdef"]), what="the other tab is abreast")
        await session.send("Page.setWebLifecycleState", {"state": "active"})
        await waiting.until(lambda: _holds(page, [*"abcdef"]), what="it catches up")


async def test_a_tab_that_was_hidden_for_an_hour_says_what_came_meanwhile(
    served: Built, page: Page
) -> None:
    await page.evaluate(_HIDE, True)
    await served.press("a")
    await served.press("b", device="button-90-1")
    await waiting.until(lambda: _holds(page, ["a", "b"]), what="a hidden tab hears on")
    await page.evaluate(
        f"{{ const now = Date.now; Date.now = () => now() + 3600_000; ({_HIDE})(false); }}"
    )
    await expect(page.locator("#bar-away")).to_contain_text("2 alarms while you were away")


_HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


async def test_a_page_whose_counts_differ_reads_anew_and_is_grey_until_they_agree(
    served: Built, page: Page
) -> None:
    await served.press("a")
    await expect(page.locator("#open-p0")).to_have_text("1")
    await page.route("**/api/v1/alarms?*", lambda route: route.abort())
    await page.evaluate(
        "async () => { const bus = await import('/static/bus.js');"
        " const { all } = await import('/static/alarms.js');"
        " bus.emit('alarm', { ...all()[0], id: 'z'.repeat(32) }); }"
    )
    await _trust(page, "differs", 8000)
    await expect(page.locator("#bar-differs")).to_contain_text("counts other alarms")
    await page.unroute("**/api/v1/alarms?*")
    await _trust(page, "whole", 20_000)
    assert await page.evaluate(_HELD) == ["a"]


async def test_silence_is_not_to_be_trusted_when_the_canary_is_old(
    served: Built, page: Page
) -> None:
    await _trust(page, "whole", 3000)
    _prove(served, 91.0)
    await _trust(page, "unproven", 3000)
    await expect(page.locator("#bar-unproven")).to_contain_text("do not trust this silence")
    await expect(page.locator("#bar-unproven")).to_contain_text("last proven 1 min ago")


async def test_all_tabs_of_a_browser_share_one_stream(
    served: Built, context: BrowserContext, page: Page
) -> None:
    hub = served.app.state.hub
    async with (
        browsing.console(context, expected=browsing.AWAY) as second,
        browsing.console(context, expected=browsing.AWAY) as third,
    ):
        await served.press("a")
        for tab in (page, second, third):
            await waiting.until(partial(_holds, tab, ["a"]), what="each tab hears")
        assert len(hub._listeners) == 1  # noqa: SLF001 - what else could be counted
        await page.close()
        await served.press("b", device="button-90-1")
        await waiting.until(lambda: _holds(third, ["a", "b"]), what="the others hear on")
    await waiting.until(lambda: not hub._listeners, what="the last tab ends it")  # noqa: SLF001


async def test_a_page_without_the_worker_has_a_stream_of_its_own(
    served: Built, context: BrowserContext
) -> None:
    await context.add_init_script("delete globalThis.SharedWorker")
    async with browsing.console(context) as page:
        await expect(page.locator("body")).to_have_attribute("data-stream", "own")
        await served.press("a")
        await waiting.until(lambda: _holds(page, ["a"]), what="it hears")


async def test_a_page_whose_worker_died_goes_on_by_itself(
    served: Built, context: BrowserContext, page: Page
) -> None:
    await served.press("a")
    await waiting.until(lambda: _holds(page, ["a"]), what="it hears")
    session = await context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    targets = await session.send("Target.getTargets")
    (worker,) = [one for one in targets["targetInfos"] if one["type"] == "shared_worker"]
    await session.send("Target.closeTarget", {"targetId": worker["targetId"]})
    await served.press("b", device="button-90-1")
    await expect(page.locator("body")).to_have_attribute("data-stream", "own", timeout=10_000)
    await waiting.until(lambda: _holds(page, ["a", "b"]), what="nothing is missing")


async def test_a_machine_that_slept_catches_up_when_it_wakes(
    served: Built, context: BrowserContext, page: Page
) -> None:
    session = await context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    found = await session.send("SystemInfo.getProcessInfo")
    processes = [one["id"] for one in found["processInfo"]]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        for key in "abcd":
            await served.press(key)
        await asyncio.sleep(17)  # asleep for so long that its tabs are taken for frozen
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    await waiting.until(lambda: _holds(page, [*"abcd"]), within_s=3, what="it catches up")
    await _trust(page, "whole", 5000)
