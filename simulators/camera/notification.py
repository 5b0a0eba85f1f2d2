"""A notification: what one camera said once, and how it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from simulators.camera import xmltext
from simulators.camera.quirks import Quirk, Switches
from simulators.camera.spelling import Items, Spelling

INITIALIZED: Final = "Initialized"
CHANGED: Final = "Changed"
DELETED: Final = "Deleted"
_CONCRETE: Final = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
_JUNK: Final = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/???&#10;"
_EMPTY: Final = (
    f'<wsnt:NotificationMessage><wsnt:Topic Dialect="{_CONCRETE}"></wsnt:Topic>'
    "<wsnt:Message></wsnt:Message></wsnt:NotificationMessage>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What was said: `at` by the camera's clock; `raw` instead of all for what nobody can spell."""

    topic: str
    at: datetime
    operation: str | None = None
    source: Items = ()
    data: Items = ()
    ends_motion: bool = False
    raw: str = ""


def spelled(
    spelling: Spelling,
    at: datetime,
    *,
    active: bool = True,
    operation: str | None = None,
    details: Mapping[str, str],
) -> Notification:
    """Spell a happening."""
    says = spelling.on if active or spelling.off is None else spelling.off
    item = ((spelling.item, says),) if spelling.item else ()
    return Notification(
        topic=spelling.topic.format_map(details),
        at=at,
        operation=operation if spelling.is_property else None,
        source=_filled(spelling.source, details),
        data=_filled((*item, *spelling.more), details),
    )


def written(notifications: Sequence[Notification], switches: Switches) -> str:
    """Write notifications, with the camera's quirks."""
    if switches.on(Quirk.NO_OPERATION):
        notifications = [replace(one, operation=None) for one in notifications]
    if switches.on(Quirk.MANY_IN_ONE):
        return _many_in_one(notifications, switches)
    return "".join(_holder(one.topic, [one], switches) for one in notifications)


def ending_motion(one: Notification) -> Notification:
    """Mark the end of a motion, which some cameras tell without a message."""
    return replace(one, ends_motion=one.operation == CHANGED)


def empty() -> str:
    """Write the notification that some cameras send when there is none."""
    return _EMPTY


def _filled(items: Items, details: Mapping[str, str]) -> Items:
    return tuple((name, value.format_map(details)) for name, value in items)


def _many_in_one(notifications: Sequence[Notification], switches: Switches) -> str:
    by_topic: dict[str, list[Notification]] = {}
    for one in notifications:
        by_topic.setdefault(one.topic, []).append(one)
    return "".join(_holder(topic, some, switches) for topic, some in by_topic.items())


def _holder(topic: str, some: Sequence[Notification], switches: Switches) -> str:
    dialect = _JUNK if switches.on(Quirk.JUNK_DIALECT) else _CONCRETE
    space = "\n      " if switches.on(Quirk.WHITE_SPACE) else ""
    messages = "".join(_message(one, switches) for one in some)
    return (
        f'<wsnt:NotificationMessage><wsnt:Topic Dialect="{dialect}">'
        f"{space}{xmltext.text(topic)}{space}</wsnt:Topic>"
        f"<wsnt:Message>{messages}</wsnt:Message></wsnt:NotificationMessage>"
    )


def _message(one: Notification, switches: Switches) -> str:
    if one.raw:
        return one.raw
    if one.ends_motion and switches.on(Quirk.END_WITHOUT_MESSAGE):
        return ""
    capital = switches.on(Quirk.CAPITAL_VALUES)
    turned = switches.on(Quirk.WHITE_SPACE)
    at = _bad_date(one.at) if switches.on(Quirk.BAD_DATES) else xmltext.fine_stamp(one.at)
    operation = f' PropertyOperation="{one.operation}"' if one.operation else ""
    source = "".join(_item(name, value, turned=turned) for name, value in one.source)
    data = "".join(
        _item(name, _capital(value) if capital else value, turned=turned)
        for name, value in one.data
    )
    return (
        f'<tt:Message UtcTime="{at}"{operation}><tt:Source>{source}</tt:Source>'
        f"<tt:Data>{data}</tt:Data></tt:Message>"
    )


def _item(name: str, value: str, *, turned: bool) -> str:
    pair = [f"Name={xmltext.quoted(name)}", f"Value={xmltext.quoted(value)}"]
    first, second = reversed(pair) if turned else pair
    return f"<tt:SimpleItem {first} {second}/>"


def _capital(value: str) -> str:
    return {"true": "True", "false": "FALSE"}.get(value, value)


def _bad_date(at: datetime) -> str:
    """Choose one of the dates that are none, by the second."""
    kinds = (
        "0000-00-00T00:00:00Z",
        at.strftime("%d-%m-%YT%H:%M:%SZ"),
        at.strftime("%Y-%m-%dT%H:%M:%S"),
        at.strftime("%Y-%m-%dT%H:73:%SZ"),
        "",
    )
    return kinds[at.second % len(kinds)]
