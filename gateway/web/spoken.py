"""Spoken: words, names, numbers and times as one reader reads them, by their language and zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from fastapi import Request

from gateway.domain.site import Names
from gateway.web import pages, words
from gateway.web.house import House
from gateway.web.when import locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One reader's language, and the zone of the place."""

    lang: str
    zone: ZoneInfo

    def say(self, key: str, **facts: object) -> str:
        """A word of the page, with the facts that stand in braces."""
        if key not in words.spoken(self.lang):  # a firmware's own kind
            return key.partition(".")[2]
        return words.say(self.lang, key, **facts)

    def named(self, names: Names | None) -> str:
        """A name in that language, or in the first that it has."""
        if names is None:
            return ""
        return getattr(names, self.lang) or names.kk or names.ru or names.en

    def day(self, moment: datetime | date) -> str:
        """A whole date."""
        return dates.format_date(self._day(moment), "long", self._locale)

    def short_day(self, moment: datetime | date) -> str:
        """A day and its month."""
        return dates.format_skeleton("dMMM", self._day(moment), locale=self._locale)

    def week_day(self, moment: datetime | date) -> str:
        """A day of a week and its number."""
        return dates.format_date(self._day(moment), "EEE d", self._locale)

    def month(self, moment: datetime | date) -> str:
        """A month and its year."""
        return dates.format_skeleton("yMMMM", self._day(moment), locale=self._locale)

    def clock(self, moment: datetime) -> str:
        """The time of day."""
        return f"{moment.astimezone(self.zone):%H:%M}"

    def seconds(self, moment: datetime) -> str:
        """The time of day with its seconds."""
        return f"{moment.astimezone(self.zone):%H:%M:%S}"

    def moment(self, moment: datetime) -> str:
        """The day and the time."""
        return f"{self.short_day(moment)}, {self.clock(moment)}"

    def number(self, value: float, places: int = 0) -> str:
        """A number, rounded."""
        shape = "#,##0." + "#" * places if places else "#,##0"
        return numbers.format_decimal(round(value, places), shape, self._locale)

    def percent(self, share: float | None) -> str:
        """A share; a dash where there is none. Never rounded up to a whole that it is not."""
        if share is None:
            return "–"
        shown = min(share, 0.999) if share < 1 else share
        return numbers.format_percent(shown, "#,##0.#%", self._locale)

    def lasting(self, length: timedelta) -> str:
        """How long, in the largest two of days, hours, minutes and seconds."""
        s = max(0, int(length.total_seconds()))
        parts = (("d", s // 86400), ("h", s // 3600 % 24), ("m", s // 60 % 60), ("s", s % 60))
        first = next((place for place, (_, n) in enumerate(parts) if n), len(parts) - 1)
        shown = [self.say(f"lasting.{unit}", n=n) for unit, n in parts[first : first + 2] if n]
        return " ".join(shown) or self.say("lasting.s", n=0)

    def _day(self, moment: datetime | date) -> date:
        if isinstance(moment, datetime):
            return moment.astimezone(self.zone).date()
        return moment

    @property
    def _locale(self) -> Locale:
        return locale(self.lang)


def speech(request: Request, house: House) -> Speech:
    """How that reader is spoken to."""
    return Speech(lang=pages.language_of(request), zone=house.zone)
