"""Shift: as many alarms as eight hours bring pass over one console, and its memory stays flat."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from playwright.async_api import CDPSession, Page, async_playwright, expect

from tests.bench import watching
from tests.harness import programs
from tests.prove.found import Found, Ground, Size
from tests.stories import town as towns
from tests.stories.town import BUTTONS, Town

SAMPLES = 24
FLAT_MIB, FLAT_NODES, FLAT_LISTENERS = 4.0, 500.0, 50.0
"""So much more after a shift than after its half, by the line that fits the second half best."""
SHOWN_WITHIN_S = 20.0


@dataclass(slots=True)
class Sample:
    """What the page holds after its garbage was collected, at that share of the shift."""

    share: float
    heap_mib: float
    nodes: float
    listeners: float


@dataclass(slots=True)
class Console:
    """The page, and what was seen of it."""

    page: Page
    inside: CDPSession
    samples: list[Sample] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def look(self, share: float) -> None:
        await self.inside.send("HeapProfiler.collectGarbage")
        heap = await self.inside.send("Runtime.getHeapUsage")
        held = await self.inside.send("Memory.getDOMCounters")
        self.samples.append(
            Sample(
                share=share,
                heap_mib=heap["usedSize"] / 2**20,
                nodes=held["nodes"],
                listeners=held["jsEventListeners"],
            )
        )

    def slope(self, what: str) -> float:
        """Per shift, over its second half."""
        points = [(one.share, float(getattr(one, what))) for one in self.samples]
        return watching.slope(points[len(points) // 2 :])


async def prove(ground: Ground) -> Found:
    """Five a minute for eight hours, in half an hour; each opens by itself, and is closed."""
    count, pause_s = ground.pick(short=40, long=2400), 0.3
    pressed = 0
    async with towns.opened(ground.folder) as town, _console(town) as console:
        for number in range(count):
            if number % max(1, count // SAMPLES) == 0:
                await console.look(number / count)
                ground.say(f"{number} of {count}: {console.samples[-1].heap_mib:.1f} MiB")
            await _one(town, console.page, f"button-{number % BUTTONS + 1}")
            pressed += 1
            await asyncio.sleep(pause_s)
        await console.look(1.0)
    first, last = console.samples[0], console.samples[-1]
    is_long = ground.size is Size.LONG
    flat = (FLAT_MIB, FLAT_NODES, FLAT_LISTENERS) if is_long else (None, None, None)
    return (
        Found()
        .ask_for("alarms shown, claimed and closed", pressed, at_least=count)
        .ask("heap at first", first.heap_mib, "MiB")
        .ask("heap, most", max(one.heap_mib for one in console.samples), "MiB")
        .ask("heap at the end", last.heap_mib, "MiB")
        .ask("heap, slope", console.slope("heap_mib"), "MiB/shift", at_most=flat[0])
        .ask("nodes, slope", console.slope("nodes"), "/shift", at_most=flat[1])
        .ask("listeners, slope", console.slope("listeners"), "/shift", at_most=flat[2])
        .ask("faults of the page", len(console.faults), at_most=0)
    )


async def _one(town: Town, page: Page, device: str) -> None:
    """Pressed, seen to open by itself, claimed and closed."""
    said = await town.devices.press(device)
    town.devices.forget(said)
    pane = page.locator("#pane")
    await expect(pane).to_be_visible(timeout=SHOWN_WITHIN_S * 1000)
    alarm = (await town.get("/alarms", open="true", limit=1))["items"][0]
    path = f"/alarms/{alarm['id']}"
    claimed = await town.post(f"{path}/claim", {})
    body = {"version": claimed["version"], "disposition": "test"}
    await town.post(f"{path}/close", body)
    await page.keyboard.press("Escape")
    await expect(pane).to_be_hidden(timeout=SHOWN_WITHIN_S * 1000)


@contextlib.asynccontextmanager
async def _console(town: Town) -> AsyncIterator[Console]:
    """A supervisor's page, armed."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=programs.find("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(base_url=town.dabyl.url)
        answer = await context.request.post(
            f"{town.dabyl.url}/api/v1/session", data={"token": "supervisor-secret"}
        )
        assert answer.ok, await answer.text()
        page = await context.new_page()
        console = Console(page=page, inside=await context.new_cdp_session(page))
        page.on("pageerror", lambda error: console.faults.append(str(error)))
        await page.goto("/?lang=en")
        await page.wait_for_selector("#pulse[data-state=live]")
        await page.get_by_role("button", name="Turn the sound on").click()
        await page.get_by_role("button", name="I hear it").click()
        yield console
        await browser.close()
