"""A dispatcher claims, and their browser is killed: another console's siren goes on in time."""

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Page, Playwright, async_playwright, expect

from tests.harness import ports, programs, waiting
from tests.stories.town import Town
from tests.web import browsing

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
_FLAGS = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@dataclass(slots=True, kw_only=True)
class Seat:
    """A person's browser, in a group of its own, with the console open."""

    page: Page
    key: str
    process: "asyncio.subprocess.Process"

    def kill(self) -> None:
        """As a machine that loses its power: nobody says goodbye."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@asynccontextmanager
async def seated(
    playwright: Playwright, town: Town, name: str, folder: Path
) -> AsyncIterator[Seat]:
    """A dispatcher who has begun their shift at a browser of their own."""
    _, printed = await town.dabyl.run("token", "add", name, "--role", "dispatcher")
    found = re.search(r"dabyl_[\w-]{20,}", printed)
    assert found is not None
    port = ports.free()
    process = await asyncio.create_subprocess_exec(
        *(programs.find("chromium"), *_FLAGS, f"--remote-debugging-port={port}"),
        *(f"--user-data-dir={folder / name}", "about:blank"),
        start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    seat = None
    try:
        await waiting.until(lambda: _listens(port), within_s=40, what="the browser listens")
        browser = await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        context = await browser.new_context(base_url=town.dabyl.url)
        answer = await context.request.post("/api/v1/session", data={"token": found.group()})
        assert answer.ok, await answer.text()
        page = await context.new_page()
        await page.goto("/?lang=en")
        await expect(page.locator("#pulse")).to_have_attribute("data-state", "live", timeout=30_000)
        seat = Seat(page=page, key=found.group(), process=process)
        yield seat
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        async with httpx2.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/json/version")).is_success
    except httpx2.TransportError:
        return False


async def test_a_claim_whose_browser_is_killed_sounds_at_another_console_within_25_seconds(
    town: Town, tmp_path: Path
) -> None:
    async with (
        async_playwright() as playwright,
        seated(playwright, town, "aigerim", tmp_path) as one,
        seated(playwright, town, "bolat", tmp_path) as other,
    ):
        siren = other.page.locator("body")
        await browsing.arm(other.page)
        await town.devices.press("button-1")
        await expect(siren).to_have_attribute("data-siren", re.compile("siren|second"))
        alarm = await town.alarm("button-1")
        headers = {"Authorization": f"Bearer {one.key}"}
        async with httpx2.AsyncClient(base_url=town.dabyl.url, headers=headers) as client:
            taken = await client.post(f"/api/v1/alarms/{alarm['id']}/claim", json={})
        assert taken.status_code == 200, taken.text
        await expect(siren).to_have_attribute("data-siren", "off")
        await asyncio.sleep(4)  # one sign of life at least, and the page lives on
        await expect(siren).to_have_attribute("data-siren", "off")
        one.kill()
        killed_at = time.monotonic()
        loud = re.compile("siren|second")
        await expect(siren).to_have_attribute("data-siren", loud, timeout=40_000)
        took_s = time.monotonic() - killed_at
        assert 19 < took_s <= 25, took_s
