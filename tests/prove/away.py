"""Away: a tab hidden, a line gone, a computer asleep for an hour; then every alarm is there."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import BrowserContext, Page, async_playwright
from playwright.async_api import TimeoutError as NotThere

from tests.harness import waiting
from tests.harness.cable import Cable
from tests.harness.chromium import Chromium
from tests.prove.found import Found, Ground
from tests.stories import town as towns
from tests.stories.town import BUTTONS, Town

OPEN = 5
"""So many presses nobody has closed when they return."""
BACK_S = 10.0
"""After a restart three are asked; these must first notice that they are back."""
GIVEN_UP_S = 60.0
_HELD = """async () => (await import('/static/alarms.js')).all()
  .filter((one) => !one.closed_at).map((one) => one.id).sort()"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """A page, and how it goes away and returns."""

    how: str
    page: Page
    go: Callable[[], Awaitable[object]]
    come: Callable[[], Awaitable[object]]


async def prove(ground: Ground) -> Found:
    """Three consoles go away; meanwhile buttons are pressed, most closed by others; they return."""
    away_s, pressed = ground.pick(short=15, long=3600), 0
    pause_s = ground.pick(short=1, long=45)
    async with towns.opened(ground.folder) as town, _consoles(town) as consoles:
        for one in consoles:
            await one.go()
        ends_s = time.monotonic() + away_s
        while time.monotonic() < ends_s:
            await _press(town, pressed, closed=True)
            pressed += 1
            if pressed % 10 == 0:
                ground.say(f"{pressed} pressed, {ends_s - time.monotonic():.0f} s to go")
            await asyncio.sleep(pause_s)
        for _ in range(OPEN):
            await _press(town, pressed, closed=False)
            pressed += 1
        found = Found().ask("away", away_s, "s").ask("pressed meanwhile", pressed)
        wanted = sorted([one["id"] for one in (await town.get("/alarms", open="true"))["items"]])
        for one in consoles:
            took_s, said = await _returns(one, wanted)
            found.ask(f"{one.how}: every open alarm is there after", took_s, "s", at_most=BACK_S)
            found.notes.append(f"{one.how}, and the page says: {json.dumps(said)}")
    return found


async def _press(town: Town, number: int, *, closed: bool) -> None:
    said = await town.devices.press(f"button-{number % BUTTONS + 1}")
    town.devices.forget(said)
    if not closed:
        return
    alarm = await town.alarm(said.device, state="UNACKNOWLEDGED")
    claimed = await town.post(f"/alarms/{alarm['id']}/claim", {})
    body = {"version": claimed["version"], "disposition": "test"}
    await town.post(f"/alarms/{alarm['id']}/close", body)


async def _returns(console: Console, wanted: list[str]) -> tuple[float, str]:
    """How long until it holds what is open, and what its bar says of the time away."""
    began_s = time.monotonic()
    await console.come()

    async def has_all() -> bool:
        return bool(await console.page.evaluate(_HELD) == wanted)

    await waiting.until(has_all, within_s=GIVEN_UP_S, what=f"{console.how}: all are there")
    took_s = time.monotonic() - began_s
    bar = console.page.locator("#bar-away .said")
    with contextlib.suppress(NotThere):
        await bar.wait_for(timeout=5000)
        return took_s, await bar.inner_text()
    return took_s, ""


@contextlib.asynccontextmanager
async def _consoles(town: Town) -> AsyncIterator[list[Console]]:
    """One whose tab is frozen, one without a line, one whose computer sleeps."""
    async with contextlib.AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        awake, sleeps = Chromium(), Chromium()
        found = []
        for browser in (awake, sleeps):
            stack.callback(browser.stop)
            browser.start()
        connected = await playwright.chromium.connect_over_cdp(awake.url)
        hidden, cut = await connected.new_context(), await connected.new_context()
        page = await _opened(hidden, town.dabyl.url)
        inside = await hidden.new_cdp_session(page)

        async def freeze(state: str) -> None:
            await inside.send("Page.setWebLifecycleState", {"state": state})

        found.append(
            Console(
                how="a tab hidden",
                page=page,
                go=lambda: freeze("frozen"),
                come=lambda: freeze("active"),
            )
        )
        line = await stack.enter_async_context(Cable(town.dabyl.port))

        async def stall() -> None:
            line.stall()

        async def heal() -> None:
            line.cut()
            line.heal()

        found.append(
            Console(
                how="a line gone",
                page=await _opened(cut, f"http://127.0.0.1:{line.port}"),
                go=stall,
                come=heal,
            )
        )
        other = await playwright.chromium.connect_over_cdp(sleeps.url)

        async def signalled(how: signal.Signals) -> None:
            os.killpg(sleeps.pid, how)

        stack.callback(os.killpg, sleeps.pid, signal.SIGCONT)
        found.append(
            Console(
                how="a computer asleep",
                page=await _opened(await other.new_context(), town.dabyl.url),
                go=lambda: signalled(signal.SIGSTOP),
                come=lambda: signalled(signal.SIGCONT),
            )
        )
        yield found


async def _opened(context: BrowserContext, url: str) -> Page:
    answer = await context.request.post(
        f"{url}/api/v1/session", data={"token": "supervisor-secret"}
    )
    assert answer.ok, await answer.text()
    page = await context.new_page()
    await page.goto(f"{url}/?lang=en")
    await page.wait_for_selector("#pulse[data-state=live]")
    return page
