"""The pages that are shown, by whom, and what is done on each before its picture is taken."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as NotInTime

SETTLES_MS = 600
"""Until what was opened stands still."""
APPEARS_MS = 10_000
"""The demo's beginning is told by then: a forced turnstile, a press, a silent one, a repeat."""


def _nothing(_: Page) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: a page, and how it came to look so."""

    name: str
    path: str
    person: str | None = "aigerim"
    prepare: Callable[[Page], None] = _nothing


def _press(page: Page, selector: str) -> None:
    """Press what is there; what has gone meanwhile needs no press."""
    try:
        page.locator(selector).first.click(timeout=SETTLES_MS)
    except NotInTime:
        return
    page.wait_for_timeout(SETTLES_MS)


def _armed(page: Page) -> None:
    """As in a shift: the sound is on, and an alarm is there."""
    page.locator("#lines .entry").first.wait_for(state="attached", timeout=APPEARS_MS)
    for _ in ("turn it on", "I hear it"):
        _press(page, "#bars button")


def _list(page: Page) -> None:
    _armed(page)
    for _ in range(3):  # the next press that waits opens by itself
        if page.locator("#pane").is_visible():
            _press(page, "#pane .shut")


def _alarm(page: Page) -> None:
    _armed(page)
    if page.locator("#pane").is_hidden():
        _press(page, "#lines .entry")
    page.locator("#pane").wait_for(timeout=APPEARS_MS)


def _stills(page: Page) -> None:
    _alarm(page)
    picture = page.locator("#pane .stills img").first
    picture.wait_for(timeout=APPEARS_MS)
    picture.scroll_into_view_if_needed()


def _keys(page: Page) -> None:
    _armed(page)
    _press(page, "#head-more")  # a phone's
    _press(page, "#help-open")
    page.locator("#help").wait_for(timeout=APPEARS_MS)


PAGES = (
    Shot(name="signin", path="/signin", person=None),
    Shot(name="sound", path="/"),
    Shot(name="list", path="/", prepare=_list),
    Shot(name="alarm", path="/", prepare=_alarm),
    Shot(name="stills", path="/", prepare=_stills),
    Shot(name="keys", path="/", prepare=_keys),
    Shot(name="wall", path="/wall", person="saule"),
    Shot(name="handover", path="/handover", person="saule"),
    Shot(name="report", path="/report", person="saule"),
    Shot(name="people", path="/people", person="admin"),
    Shot(name="audit", path="/audit", person="auditor"),
)
