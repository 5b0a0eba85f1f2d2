"""Consoles: fifty of them are open, and a press is on the screen of one that is a real browser."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import httpx2
from playwright.async_api import Page, async_playwright

from tests.bench import devices
from tests.bench.figures import Figure, Outcome, percentile
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.scenarios import measuring
from tests.harness import programs

CONSOLES = 50
PRESSES, QUICKLY = 100, 20
PAUSE_S = 0.1
SHOWN_WITHIN_MS = 10_000
RATE = 2000
P50_MS, P99_MS = 50.0, 200.0
# Of each alarm the moment at which its row was in the document, by the machine's clock.
_WATCHES = """() => {
  globalThis.shown = new Map();
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    for (const row of document.querySelectorAll("#alarms [data-alarm]")) {
      if (!shown.has(row.dataset.alarm)) shown.set(row.dataset.alarm, at);
    }
  };
  const attributes = { attributes: true, attributeFilter: ["data-alarm"] };
  new MutationObserver(look).observe(document.getElementById("alarms"),
    { childList: true, subtree: true, ...attributes });
  look();
}"""
_COUNT = "before => shown.size > before"
_LAST = "() => [...shown.values()].at(-1)"


async def consoles(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """Press, see the row, close; with nothing else going on, and beside passages."""
    del floor
    found, count = Outcome(), QUICKLY if quick else PRESSES
    secret = await _token(rig)
    headers = {"Authorization": f"Bearer {secret}"}
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=rig.gateway.url, headers=headers, timeout=20)
        )
        await _close_all(client)
        page = await stack.enter_async_context(_page(rig.gateway.url, secret))
        for _ in range(CONSOLES - 1):
            await stack.enter_async_context(_stream(rig.gateway.port, secret))
        _tell(found, "idle", count, await _seen(rig, page, client, count))
        load = await rig.load("--rate", str(RATE), "--seconds", str(count * 0.5))
        loading = asyncio.ensure_future(load.go())
        await measuring.loaded(rig)
        beside = await _seen(rig, page, client, count, until=loading.done)
        await loading
        _tell(found, f"under {RATE:,} passages/s", len(beside), beside)
    return found


def _tell(found: Outcome, when: str, pressed: int, took_ms: list[float]) -> None:
    name = f"press to row with {CONSOLES} consoles"
    for share, target in ((0.5, P50_MS), (0.99, P99_MS)):
        found.figures.append(
            Figure(
                name=f"{name} p{share * 100:.0f}, {when}",
                value=percentile(took_ms, share),
                unit="ms",
                target=target,
                target_says=f"<= {target:g}",
            )
        )
    found.latencies_ms[f"on the screen, {when}"] = took_ms
    found.figures.append(
        measuring.lost(f"presses not on the screen, {when}", pressed - len(took_ms))
    )


async def _seen(
    rig: Rig,
    page: Page,
    client: httpx2.AsyncClient,
    count: int,
    until: Callable[[], bool] = lambda: False,
) -> list[float]:
    """From each press to its row, ms."""
    took_ms = []
    for number in range(count):
        if until():
            break
        before = await page.evaluate("() => shown.size")
        begun = time.time()
        rig.press(number * 7 % devices.BUTTONS)
        await page.wait_for_function(_COUNT, arg=before, timeout=SHOWN_WITHIN_MS)
        took_ms.append(await page.evaluate(_LAST) - begun * 1e3)
        await _close_all(client)
        await asyncio.sleep(PAUSE_S)
    return took_ms


async def _close_all(client: httpx2.AsyncClient) -> None:
    while True:
        answer = await client.get("/api/v1/alarms", params={"open": "true", "limit": "200"})
        answer.raise_for_status()
        if not (items := answer.json()["items"]):
            return
        for one in items:
            said = {"version": one["version"], "disposition": "test"}
            await client.post(f"/api/v1/alarms/{one['id']}/close", json=said)


async def _token(rig: Rig) -> str:
    """A dispatcher's, of a name that was not there before."""
    name = f"bench-{time.time_ns()}"
    code, said = await rig.gateway.run("token", "add", name, "--role", "dispatcher")
    assert code == 0, said
    return said.splitlines()[0]


@contextlib.asynccontextmanager
async def _page(url: str, secret: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=programs.find("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(base_url=url)
        await page.goto("/signin?lang=en")
        await page.evaluate(
            "token => fetch('/api/v1/session', {method: 'POST', body: JSON.stringify({token}),"
            " headers: {'Content-Type': 'application/json'}})",
            secret,
        )
        await page.goto("/")
        await page.wait_for_selector("#pulse[data-state=live]")
        await page.evaluate(_WATCHES)
        yield page
        await browser.close()


@contextlib.asynccontextmanager
async def _stream(port: int, secret: str) -> AsyncIterator[None]:
    """A console that only listens."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /api/v1/alarms/stream HTTP/1.1\r\nHost: dabyl\r\nAuthorization: Bearer {secret}"
        "\r\n\r\n".encode()
    )
    listening = asyncio.ensure_future(_listen(reader))
    try:
        yield
    finally:
        listening.cancel()
        writer.close()


async def _listen(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass
