"""Reading XML by local names, in whatever order and namespace a camera puts its elements.

Cheap cameras mix the namespaces up, forget to declare a prefix, or sort as they like: what a thing
is called is all that can be relied on. Pure; nothing here raises for what a camera wrote.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml has no public name for what it gives back

TEXT_LIMIT: Final = 4096
"""So many characters of one text are kept."""

_DAY: Final = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME: Final = re.compile(r"[T ]+(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)(\.\d{1,9})?")
_ZONE: Final = re.compile(r"\s*([+-])(\d{1,2}):?(\d{2})")


def name(element: Element) -> str:
    """The local name of an element."""
    return element.tag.rpartition("}")[2]


def children(element: Element, called: str) -> Iterator[Element]:
    """The children of that name, in their order."""
    return element.iterchildren(f"{{*}}{called}")


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of that name, the first in it of the next name, and so on."""
    for called in path:
        if element is None:
            return None
        element = next(element.iterchildren(f"{{*}}{called}"), None)
    return element


def text(element: Element | None, *path: str) -> str:
    """The trimmed text there, cut at 4,096 characters; empty where there is none."""
    found = child(element, *path)
    if found is None or found.text is None:
        return ""
    return found.text.strip()[:TEXT_LIMIT]


def texts(element: Element | None, called: str) -> list[str]:
    """The trimmed texts of the children of that name that hold some."""
    if element is None:
        return []
    return [said for one in children(element, called) if (said := text(one))]


def attribute(element: Element, called: str) -> str:
    """The value of an attribute by its local name; empty where there is none."""
    said = element.get(called)
    if said is not None:
        return said
    found = (value for key, value in element.items() if _local(str(key)) == called)
    return str(next(found, ""))


def flag(said: str) -> bool | None:
    """A yes or no in the words that cameras use; None where it is neither."""
    word = said.strip().lower()
    if word in {"true", "1"}:
        return True
    return False if word in {"false", "0"} else None


def number(said: str) -> int | None:
    """A whole number of at most nine digits; None where it is none."""
    return int(said) if re.fullmatch(r"[+-]?[0-9]{1,9}", said) else None


def moment(said: str) -> datetime | None:
    """A point in time in UTC; without a zone it is taken for UTC. None where it is no time.

    Minutes and seconds beyond 59 count on, as some firmwares do; a day that no calendar has
    (0000-00-00, 10-05-2025) is no time.
    """
    try:
        found = datetime.fromisoformat(said if said[10:11] == "T" else "")
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _untidy(said)


def calendar(
    year: int, month: int, day: int, hour: int, minute: int, second: int
) -> datetime | None:
    """Six numbers as a time in UTC; hours, minutes and seconds may run over. None: no such day."""
    try:
        midnight = datetime(year, month, day, tzinfo=UTC)
        return midnight + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        return None


def _untidy(said: str) -> datetime | None:
    day = _DAY.match(said)
    time = _TIME.match(said, day.end()) if day else None
    if day is None or time is None:
        return None
    hours, minutes, seconds = (int(part) for part in time.group(1, 2, 3))
    found = calendar(int(day[1]), int(day[2]), int(day[3]), hours, minutes, seconds)
    if found is None:
        return None
    try:
        return found + timedelta(seconds=float(time[4] or 0)) - _offset(said, time.end())
    except OverflowError:
        return None


def _local(key: str) -> str:
    return key.rpartition("}")[2].rpartition(":")[2]


def _offset(said: str, start: int) -> timedelta:
    zone = _ZONE.match(said, start)
    if zone is None:
        return timedelta()
    east = timedelta(hours=int(zone[2]), minutes=int(zone[3]))
    return -east if zone[1] == "-" else east
