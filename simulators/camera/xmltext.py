"""Text and times as they stand in XML."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_DURATION: Final = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_SECONDS: Final = (365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1)


def text(words: str) -> str:
    """Write text."""
    return escape(words)


def quoted(words: str) -> str:
    """Write an attribute's value, with its quotes."""
    return quoteattr(words)


def stamp(at: datetime) -> str:
    """Write a time as ONVIF wants it: UTC, with Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fine_stamp(at: datetime) -> str:
    """Write a time to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration_s(words: str) -> float | None:
    """Read an xs:duration as seconds; None if it is none."""
    match = _DURATION.fullmatch(words)
    if match is None or not any(match.groups()):
        return None
    parts = (float(part or 0) for part in match.groups())
    return sum(part * unit for part, unit in zip(parts, _SECONDS, strict=True))


def time(words: str) -> datetime | None:
    """Read an xs:dateTime; one without a zone is UTC; None if it is none."""
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def later(at: datetime, seconds: float) -> datetime:
    """Tell a time so many seconds on, kept within what a calendar holds."""
    return at + timedelta(seconds=min(max(seconds, -3e9), 3e9))
