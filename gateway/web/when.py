"""When: moments and figures as a reader of that language writes them, in the installation's zone.

A browser gets the patterns and the hours to add (`patterns`) instead of reckoning by itself: many
know no Kazakh, and those from before March 2024 still put Almaty an hour ahead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent

_LOCALES = {"kk": "kk", "ru": "ru", "en": "en_GB"}
"""Of English the one that counts hours to 24 and days before months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How moments and figures are written for one reader."""

    language: str
    zone: ZoneInfo

    def time(self, at: datetime) -> str:
        """Such as 20:15:07."""
        return self._written(at, "time")

    def hour(self, at: datetime) -> str:
        """Such as 20:15."""
        return self._written(at, "hour")

    def day(self, at: datetime) -> str:
        """Day and month, such as 26 қар."""
        return self._written(at, "day")

    def date(self, at: datetime) -> str:
        """With the year, such as 2026 ж. 26 қар."""
        return self._written(at, "date")

    def moment(self, at: datetime) -> str:
        """Date and time, such as 26 нояб. 2026 г., 20:15:07."""
        return self._written(at, "moment")

    def number(self, value: float, digits: int = 0) -> str:
        """With so many digits behind the comma, and thousands apart."""
        return format_decimal(value, _placed("#,##0", digits), locale(self.language))

    def percent(self, share: float, digits: int = 0) -> str:
        """A share (0 to 1) as percent, such as 98,5 %."""
        spoken = locale(self.language)
        pattern = _placed(spoken.percent_formats[None].pattern, digits)
        return format_percent(share, pattern, spoken)

    def _written(self, at: datetime, form: str) -> str:
        spoken = locale(self.language)
        return format_datetime(at, _forms(self.language)[form], self.zone, spoken)


@cache
def locale(language: str) -> Locale:
    """What CLDR knows of that language."""
    return Locale.parse(_LOCALES[language])


def patterns(language: str, zone: ZoneInfo, now: datetime) -> Mapping[str, object]:
    """What static/when.js writes by: CLDR's patterns, names and signs, and the zone's offset."""
    spoken = locale(language)
    signs = spoken.number_symbols["latn"]
    offset = now.astimezone(zone).utcoffset()
    return {
        "offset_ms": 0 if offset is None else int(offset.total_seconds() * 1000),
        "forms": _forms(language),
        "months": [spoken.months["format"]["abbreviated"][number] for number in range(1, 13)],
        "decimal": signs["decimal"],
        "group": signs["group"],
    }


@cache
def _forms(language: str) -> Mapping[str, str]:
    spoken = locale(language)
    time, date = (
        str(form["medium"].pattern) for form in (spoken.time_formats, spoken.date_formats)
    )
    return {
        "time": time,
        "hour": str(spoken.time_formats["short"].pattern),
        "day": str(spoken.datetime_skeletons["MMMd"].pattern),
        "date": date,
        "moment": str(spoken.datetime_formats["medium"]).format(time, date),
    }


def _placed(pattern: str, digits: int) -> str:
    """A pattern of CLDR for figures, with so many digits behind the comma."""
    return pattern.replace("##0", "##0." + "0" * digits) if digits else pattern
