"""Notification: what a camera says has happened, taken out of the XML in which it said so.

Names are local names, in any order; what cannot be taken is kept as it came, and its neighbours are
taken all the same. Pure, and nothing raises for what a camera wrote.

Source: ONVIF Core, notifications; WS-BaseNotification 1.3; docs/adr/0092.
"""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec
from lxml import etree

from adapters.devices.onvif import element
from adapters.devices.onvif.element import Element

Items = tuple[tuple[str, str], ...]
"""Names and values, as they stood."""

TOPIC_LIMIT: Final = 256
ITEMS_LIMIT: Final = 32
NAME_LIMIT: Final = 64
VALUE_LIMIT: Final = 256
RAW_LIMIT: Final = 4096
FIRST_YEAR, LAST_YEAR = 2001, 2100
"""A clock outside was never set: 1970 also says "never happened" (ONVIF Core)."""
_TOPICS: Final = 4096
"""So many topics are remembered in this process; there are some dozens for each model of camera."""


class Operation(StrEnum):
    """What became of a property."""

    INITIALIZED = "Initialized"
    """It is said as it is; nothing need have happened."""
    CHANGED = "Changed"
    DELETED = "Deleted"
    """There is no such property any more."""


class Notification(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One message of a camera."""

    topic: str
    """The path of local names, such as `Device/Trigger/DigitalInput`."""
    raw_topic: str = ""
    source: Items = ()
    """What it is about."""
    key: Items = ()
    data: Items = ()
    operation: Operation | None = None
    """None: it does not say; then it counts as changed."""
    said_at: datetime | None = None
    """By the camera's clock, UTC; None: no time that anybody could use."""
    xml: Element | None = None

    @property
    def raw(self) -> bytes:
        """As it came, at most 4 KiB."""
        return b"" if self.xml is None else _raw(self.xml)


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A message that nobody can take as a notification."""

    why: str
    raw: bytes
    """As it came, at most 4 KiB."""


def read(holder: Element) -> list[Notification | Unknown]:
    """Every message that a NotificationMessage element holds; none where it is empty."""
    try:
        raw_topic, messages = _opened(holder)
    except UnicodeDecodeError:
        return [Unknown(why="characters that are none", raw=_raw(holder))]
    topic = path(raw_topic)
    if topic and not messages:
        return [Notification(topic=topic, raw_topic=raw_topic, xml=holder)]
    if not topic and not any(_says_something(message) for message in messages):
        return []
    if not topic:
        return [Unknown(why="no topic", raw=_raw(holder))]
    return [_taken(topic, raw_topic, message) for message in messages]


@lru_cache(maxsize=_TOPICS)
def path(raw_topic: str) -> str:
    """A topic without prefixes, white space and wildcards; empty where nothing is left."""
    levels = (level.rpartition(":")[2].strip(" \t\r\n.*") for level in raw_topic.split("/"))
    return "/".join(level for level in levels if level)


def _opened(holder: Element) -> tuple[str, list[Element]]:
    """The topic as it is written, and the messages."""
    raw_topic: str = ""
    messages: list[Element] = []
    for part in holder.iterchildren("{*}*"):
        name = element.name(part)
        if name == "Topic":
            raw_topic = (part.text or "").strip()[:TOPIC_LIMIT]
        elif name == "Message":
            messages += _messages(part)
    return raw_topic, messages


def _messages(part: Element) -> list[Element]:
    """The messages in a holder; some cameras leave the inner element out."""
    inner = list(part.iterchildren("{*}Message"))
    return inner or ([part] if _says_something(part) else [])


def _says_something(message: Element) -> bool:
    return len(message.attrib) > 0 or next(message.iterchildren("{*}*"), None) is not None


def _taken(topic: str, raw_topic: str, message: Element) -> Notification:
    groups: dict[str, dict[str, str]] = {"Source": {}, "Key": {}, "Data": {}}
    for part in message.iterchildren("{*}*"):
        name = element.name(part)
        if name in groups:
            for item in part.iterchildren("{*}SimpleItem"):
                _add(item, groups[name])
        elif name == "SimpleItem":
            _add(part, groups["Data"])
    return Notification(
        topic=topic,
        raw_topic=raw_topic,
        source=tuple(groups["Source"].items()),
        key=tuple(groups["Key"].items()),
        data=tuple(groups["Data"].items()),
        operation=_operation(message),
        said_at=_said_at(_attribute(message, "UtcTime")),
        xml=message,
    )


def _add(item: Element, found: dict[str, str]) -> None:
    """Add a simple item, the first of its name; one that cannot be read costs no other."""
    name = _attribute(item, "Name").strip()[:NAME_LIMIT]
    if not name or name in found or len(found) >= ITEMS_LIMIT:
        return
    value = _attribute(item, "Value")
    try:
        found[name] = (value or item.text or "").strip()[:VALUE_LIMIT]
    except UnicodeDecodeError:
        found[name] = ""


def _attribute(found: Element, called: str) -> str:
    """An attribute by its local name; empty where it is not there, or holds no characters."""
    try:
        return element.attribute(found, called)
    except UnicodeDecodeError:
        return ""


def _operation(message: Element) -> Operation | None:
    said = _attribute(message, "PropertyOperation") or _attribute(message, "PropertyType")
    return _OPERATIONS.get(said.strip().lower())


_OPERATIONS: Final = {one.lower(): one for one in Operation}


def _said_at(said: str) -> datetime | None:
    found = _plain(said) or element.moment(said)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    return found


def _plain(said: str) -> datetime | None:
    """A time in the form in which nearly all are written; it is read in a tenth of the time."""
    if not said.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None


def _raw(found: Element) -> bytes:
    return etree.tostring(found, encoding="utf-8", with_tail=False)[:RAW_LIMIT]
