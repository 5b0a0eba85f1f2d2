"""Take the pictures of the pages, from a running demo: `python -m docs.make_screenshots`.

Every page, in each language, on a desk and on a phone. Text that is cut or lies upon other text is
told, and ends it with 1. With names of pages it takes those alone.
"""

import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from docs import demo, shots
from docs.demo import Demo
from docs.shots import Shot
from gateway.web import words

IMAGES = Path(__file__).parent / "images"
SIZES = {"desk": (1280, 860), "phone": (390, 844)}
FIRST = ("alarm", "en", "desk")
"""The README's own."""
QUALITY = 80
_LEGIBLE = (Path(__file__).parent / "legible.js").read_text(encoding="utf-8")
_FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


def main(names: list[str]) -> int:
    """Start a demo, look at its pages, and keep the pictures; 1: some text cannot be read."""
    browser = shutil.which("chromium")
    if browser is None:
        sys.stderr.write("no chromium here; on Debian: apt-get install chromium\n")
        return 1
    chosen = [one for one in shots.PAGES if not names or one.name in names]
    (IMAGES / "console").mkdir(parents=True, exist_ok=True)
    with demo.running() as played, sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=_FLAGS)
        faults = [
            fault
            for size in SIZES
            for person in dict.fromkeys(one.person for one in chosen)
            for fault in _look(started, played, size, [o for o in chosen if o.person == person])
        ]
        started.close()
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


def _look(browser: Browser, played: Demo, size: str, chosen: list[Shot]) -> Iterator[str]:
    """Each of one person's pages in that size, in every language; what could not be read."""
    with _signed_in(browser, played, size, chosen[0].person) as page:
        for shot in chosen:
            for language in words.LANGUAGES:
                found = _take(page, shot, language, size)
                yield from (f"{shot.name} {language} {size}: {fault}" for fault in found)


def _take(page: Page, shot: Shot, language: str, size: str) -> list[str]:
    """One picture; what could not be read on it, or why there is none."""
    try:
        page.goto(f"{shot.path}?lang={language}")
        shot.prepare(page)
    except PlaywrightError as error:
        return [str(error).partition("\n")[0]]
    page.wait_for_timeout(shots.SETTLES_MS)
    found: list[str] = page.evaluate(_LEGIBLE)
    _keep(page, shot.name, language, size)
    return found


@contextmanager
def _signed_in(browser: Browser, played: Demo, size: str, person: str | None) -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=played.url,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        timezone_id="America/New_York",  # the pages tell Almaty's time all the same
    )
    page = context.new_page()
    if person is not None:
        page.goto("/signin")
        page.fill("#name", person)
        page.fill("#password", played.passwords[person])
        page.click("main button.first")
        page.wait_for_url(lambda url: "/signin" not in url)
    yield page
    context.close()


def _keep(page: Page, name: str, language: str, size: str) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        path = IMAGES / "console" / f"{name}-{language}-{size}.webp"
        picture.save(path, quality=QUALITY, method=6)
        sys.stdout.write(f"{path.relative_to(IMAGES.parent)}\n")
        if (name, language, size) == FIRST:
            picture.save(IMAGES / "live.png", optimize=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
