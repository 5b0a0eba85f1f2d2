"""Words, moments and figures: a browser says them as the server does, wherever it thinks it is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page

from docs import catalogues
from gateway.web import when, words
from gateway.web.when import Manner
from tests.web import looped
from tests.web.building import Built

_ZONE = ZoneInfo("Asia/Almaty")
_MOMENTS = [
    datetime(2026, 11, 26, 15, 4, 5, tzinfo=UTC),
    datetime(2026, 5, 9, 18, 59, 59, tzinfo=UTC),
    datetime(2027, 12, 31, 19, 0, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 0, 0, 1, tzinfo=UTC),
]
_COUNTS = [0, 1, 2, 4, 5, 11, 12, 21, 22, 25, 101, 111, 1.5]
_FIGURES = [(0, 0), (999, 0), (10000, 0), (1234567.891, 2), (-4.26, 1)]
_ASK = """async ([language, moments, counts, figures]) => {
  document.body.dataset.lang = language;
  const when = await import("/static/when.js");
  const { say } = await import("/static/words.js");
  return {
    time: moments.map(when.time), hour: moments.map(when.hour), day: moments.map(when.day),
    date: moments.map(when.date), moment: moments.map(when.moment),
    counts: counts.map((n) => say("alarm.count", { n })),
    figures: figures.map(([value, digits]) => when.number(value, digits)),
  };
}"""


@looped.fixture
async def page(browser: Browser, served: Built) -> AsyncIterator[Page]:
    """A page in a browser that believes itself to be in another country."""
    opened = await browser.new_page(
        base_url=served.url, timezone_id="America/New_York", locale="ar-EG"
    )
    await opened.goto("/signin")
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("header", "cookie", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", None, "ru"),
        ("en", None, "en"),
        ("kk,ru;q=0.9", None, "kk"),
        ("de-DE, ru;q=0.9", None, "kk"),
        ("*", None, "kk"),
        ("", None, "kk"),
        ("ru-RU,ru;q=0.9", "kk", "kk"),
    ],
)
async def test_a_first_page_speaks_the_language_that_the_browser_asks_for_first(
    house: Built, header: str, cookie: str | None, language: str
) -> None:
    async with house.client() as client:
        if cookie:
            client.cookies.set("lang", cookie)
        page = await client.get("/signin", headers={"Accept-Language": header})
    assert f'<html lang="{language}"' in page.text


@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_a_browser_says_counts_moments_and_figures_as_the_server_does_wherever_it_is(
    page: Page, language: str
) -> None:
    asked = [language, [one.isoformat() for one in _MOMENTS], _COUNTS, _FIGURES]
    said: dict[str, Any] = await page.evaluate(_ASK, asked)
    ours = Manner(language=language, zone=_ZONE)
    for form in ("time", "hour", "day", "date", "moment"):
        assert said[form] == [getattr(ours, form)(one) for one in _MOMENTS], form
    assert said["counts"] == [words.say(language, "alarm.count", n=n) for n in _COUNTS]
    assert said["figures"] == [ours.number(value, digits) for value, digits in _FIGURES]


@pytest.mark.parametrize(
    ("language", "moment", "share"),
    [
        ("kk", "2026\u202fж. 26 қар., 20:04:05", "98,5%"),
        ("ru", "26 нояб. 2026\u202fг., 20:04:05", "98,5\xa0%"),
        ("en", "26 Nov 2026, 20:04:05", "98.5%"),
    ],
)
def test_a_moment_is_written_as_its_reader_writes_it_in_almatys_time(
    language: str, moment: str, share: str
) -> None:
    ours = Manner(language=language, zone=_ZONE)
    assert ours.moment(_MOMENTS[0]) == moment
    assert ours.percent(0.985, 1) == share


def test_almaty_is_five_hours_ahead_since_march_2024() -> None:
    before = datetime(2024, 2, 28, tzinfo=UTC)
    assert when.patterns("kk", _ZONE, before)["offset_ms"] == 6 * 3600 * 1000
    assert when.patterns("kk", _ZONE, _MOMENTS[0])["offset_ms"] == 5 * 3600 * 1000


@pytest.mark.parametrize(
    ("n", "russian"), [(1, "1 нажатие"), (3, "3 нажатия"), (11, "11 нажатий"), (1.5, "1.5 нажатия")]
)
def test_a_count_chooses_its_plural_in_russian(n: float, russian: str) -> None:
    assert words.say("ru", "alarm.count", n=n) == russian
    assert words.say("en", "alarm.count", n=1) == "pressed 1 time"


def test_a_word_that_is_missing_or_doubted_is_english_and_never_a_hole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    translated = words.of("kk")["page.devices"]
    known, _ = catalogues.load()
    del known["page.title"]["kk"]
    doubted = {("page.alarms", "kk")}
    for language, text in catalogues.written(known, doubted).items():
        (tmp_path / language).write_text(text, encoding="utf-8")
    monkeypatch.setattr(words, "path", tmp_path.joinpath)
    words.spoken.cache_clear()
    try:
        said = words.spoken("kk")
    finally:
        words.spoken.cache_clear()
    assert (said["page.title"], said["page.alarms"]) == ("Alarms", "Open alarms")
    assert said["page.devices"] == translated != "Devices"
