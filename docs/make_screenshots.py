"""Take the README's picture, of a demo's live page: `python -m docs.make_screenshots`."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
SIZE = (1280, 860)
SETTLES_S = 20.0
"""The demo's beginning is told by then: a forced turnstile, a press, a silent one, a repeat."""
_FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
_LINK = re.compile(r"live page\s+(http://\S+)")


def main() -> int:
    """Start a demo, look at its live page, and keep the picture."""
    browser = shutil.which("chromium")
    if browser is None:
        sys.stderr.write("no chromium here; on Debian: apt-get install chromium\n")
        return 1
    IMAGES.mkdir(exist_ok=True)
    with _demo() as link, sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=_FLAGS)
        page = started.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        _enter(page, link)
        page.locator("#pane").wait_for(timeout=SETTLES_S * 1000)
        page.locator("#pane .stills img").first.wait_for(timeout=SETTLES_S * 1000)
        page.locator("#pane [data-step=claim]").click()
        page.wait_for_timeout(1500)
        page.screenshot(path=IMAGES / "live.png")
        started.close()
    sys.stdout.write(f"{IMAGES / 'live.png'}\n")
    return 0


def _enter(page: Page, link: str) -> None:
    page.goto(f"{link}&lang=en")
    page.get_by_role("button", name="Come in").click()


@contextmanager
def _demo() -> Iterator[str]:
    """The address of a running demo's live page, with its one-time link."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        running = subprocess.Popen(
            [sys.executable, "-c", "from gateway.cli import main; main()", "demo", "--port", "0"],
            stdout=told,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield _link(running, told.fileno())
        finally:
            running.terminate()
            running.wait(timeout=20)


def _link(running: "subprocess.Popen[bytes]", told: int) -> str:
    ends = time.monotonic() + SETTLES_S
    while time.monotonic() < ends and running.poll() is None:
        found = _LINK.search(os.pread(told, 65536, 0).decode("utf-8", "replace"))
        if found is not None:
            return found[1]
        time.sleep(0.1)
    raise SystemExit("the demo did not start")


if __name__ == "__main__":
    raise SystemExit(main())
