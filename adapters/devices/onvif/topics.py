"""Topics: what a notification means, by one table (topics.toml). Pure.

Source: ONVIF Core and the specifications of its services; what vendors do, row by row in the table.
"""

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from adapters.devices.onvif.notification import Items, Notification
from adapters.signal import Lane


class Sort(msgspec.Struct, frozen=True, kw_only=True):
    """How things of one kind begin and end."""

    ended_by: str | None = None
    """The kind that says its end; None: nobody says it."""
    hold_s: float = 0.0
    """So long after it began it is not said again, where no state says that it ended."""
    happens: bool = False
    """It is no state: each time that it is said it happened once more."""
    at_connect: bool = False
    """Found active at connect it is raised; of the others that is only the state."""
    lane: Lane = Lane.ALARM


SORTS: Final[dict[str, Sort]] = {
    "input.activated": Sort(ended_by="input.cleared", hold_s=5, at_connect=True),
    "camera.tampered": Sort(ended_by="camera.restored", hold_s=60, at_connect=True),
    "tamper.opened": Sort(ended_by="tamper.closed", hold_s=60, at_connect=True),
    "camera.signal_lost": Sort(
        ended_by="camera.signal_back", hold_s=60, at_connect=True, lane=Lane.EVENT
    ),
    "camera.storage_failed": Sort(
        ended_by="camera.storage_back", hold_s=60, at_connect=True, lane=Lane.EVENT
    ),
    "camera.line_crossed": Sort(hold_s=5),
    "camera.intrusion": Sort(hold_s=30),
    "camera.motion": Sort(hold_s=30, lane=Lane.EVENT),
    "passage.forced": Sort(ended_by="passage.closed", hold_s=5, at_connect=True),
    "passage.held_open": Sort(ended_by="passage.closed", hold_s=5, at_connect=True),
    "passage.unlocked": Sort(ended_by="passage.locked", hold_s=5, at_connect=True),
    "passage.granted": Sort(happens=True, lane=Lane.EVENT),
    "passage.denied": Sort(happens=True, lane=Lane.EVENT),
    "passage.duress": Sort(happens=True, at_connect=True),
}
"""Every kind that the table can begin. Hold-offs: how long a thing goes on, as a rule, that says no
end (motion, intrusion); what one crossing of a line says several times; of a lasting kind, that a
contact that bounces, or a camera that repeats, is heard once."""
INPUT: Final = "input.activated"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    topic: str
    vendor: str
    known_from: str
    kind: str | None = None
    items: tuple[str, ...] = ()
    """Lower case, like the next two."""
    on: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    pulse: str = ""
    source: str = ""
    thing: str = ""
    reason: str = ""
    floods: bool = False


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What one notification says of one thing."""

    row: Row
    kind: str
    sort: Sort
    topic: str
    """The row's, with what followed it."""
    token: str
    """Which one it is: an input's, a door's, a picture's own name; empty where it says none."""
    active: bool | None
    """None: it does not say, or in words that nobody knows."""
    is_pulse: bool
    word: str
    """How it said that."""


def find(heard: Notification) -> tuple[Meaning, ...]:
    """What it says, of every thing that it speaks of. Empty: not an event, or an unknown topic."""
    return tuple(
        _meaning(row, rest, heard)
        for row, rest in rows(heard.topic)
        if row.kind is not None and _concerns(row, heard)
    )


@lru_cache(maxsize=4096)
def rows(topic: str) -> tuple[tuple[Row, str], ...]:
    """The rows for a topic, each with what follows in the topic. Empty: nobody knows it.

    The longest fits, wherever it stands: some cameras glue two topics together.
    """
    levels = topic.lower().split("/")
    found: list[Row] = []
    best, end = 0, 0
    for at in range(len(levels)):
        for length in range(min(len(levels) - at, _LONGEST), best, -1):
            fitting = _BY_LEVELS.get(tuple(levels[at : at + length]), [])
            # A single word that is no event fits only at the root: it may be a rule's name.
            if fitting and (at == 0 or length > 1 or fitting[0].kind is not None):
                found, best, end = fitting, length, at + length
                break
    rest = "/".join(topic.split("/")[end:])
    return tuple((row, rest) for row in found)


def _concerns(row: Row, heard: Notification) -> bool:
    """Whether it is that row's, where a topic has one for another source."""
    return not row.source or any(name.lower() == row.source for name, _ in heard.source)


def _meaning(row: Row, rest: str, heard: Notification) -> Meaning:
    kind = row.kind or ""
    has_no_state = row.pulse == "always" or (SORTS[kind].happens and not row.items)
    word = None if has_no_state else _word(row, heard.data)
    return Meaning(
        row=row,
        kind=kind,
        sort=SORTS[kind],
        topic=f"{row.topic}/{rest}" if rest else row.topic,
        token=_token(heard),
        active=None if word is None else _is_on(row, word),
        is_pulse=word is None and row.pulse != "",
        word="" if word is None else word,
    )


def _word(row: Row, data: Items) -> str | None:
    """The value that holds the state, by its name; None where there is none."""
    values = {name.lower(): value for name, value in data}
    for name in row.items or _STATES:
        if name in values:
            return values[name]
    if row.items:
        return None
    is_so = next((value for name, value in values.items() if name.startswith("is")), None)
    if is_so is not None:
        return is_so
    # A lone figure may be an object's number; a word is none.
    said = [one for one in values.values() if one.lower() in _WORDS and not one.isdigit()]
    return said[0] if len(said) == 1 else None


def _is_on(row: Row, word: str) -> bool | None:
    said = word.strip().lower()
    if row.on or row.off:
        if said in row.off:
            return False
        return True if said in row.on or "*" in row.on else None
    return _WORDS.get(said)


def _token(heard: Notification) -> str:
    """The name that it gives to what it speaks of."""
    for items in (heard.source, heard.key, heard.data):
        values = {name.lower(): value for name, value in items}
        for name in _TOKENS:
            if name in values:
                return values[name]
    return heard.source[0][1] if heard.source else ""


_STATES: Final = (
    *("state", "logicalstate", "ismotion", "isinside", "istamper", "active", "level"),
    *("relaylogicalstate", "detected", "motion", "tampered", "tampering", "triggered", "value"),
)
_TOKENS: Final = (
    *("inputtoken", "digitalinputtoken", "alarmintoken", "binaryinputtoken", "relayinputtoken"),
    *("doortoken", "accesspointtoken", "port", "index", "alarmid", "token"),
)
_ON: Final = (
    *("true", "1", "active", "on", "yes", "activated", "open", "opened", "high", "alarm"),
    *("triggered", "detected", "start", "started", "begin", "pressed", "set", "failed"),
)
_OFF: Final = (
    *("false", "0", "inactive", "off", "no", "closed", "close", "idle", "normal", "low"),
    *("deactivated", "cleared", "stop", "stopped", "end", "released", "ok", "none", "unset"),
)
_WORDS: Final = {**dict.fromkeys(_ON, True), **dict.fromkeys(_OFF, False)}


def _read() -> tuple[Row, ...]:
    text = files("adapters.devices.onvif").joinpath("topics.toml").read_text(encoding="utf-8")
    return tuple(
        _row(vendor["name"], found)
        for vendor in tomllib.loads(text)["vendor"]
        for found in vendor["rows"]
    )


def _row(vendor: str, found: dict[str, Any]) -> Row:
    return Row(
        topic=found["topic"],
        vendor=vendor,
        known_from=found["from"],
        kind=found.get("kind"),
        items=tuple(name.lower() for name in found.get("items", ())),
        on=frozenset(word.lower() for word in found.get("on", ())),
        off=frozenset(word.lower() for word in found.get("off", ())),
        pulse=found.get("pulse", ""),
        source=found.get("source", "").lower(),
        thing=found.get("object", ""),
        reason=found.get("reason", ""),
        floods=found.get("flood", False),
    )


def _by_levels(table: Iterable[Row]) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in table:
        found.setdefault(tuple(row.topic.lower().split("/")), []).append(row)
    return found


TABLE: Final = _read()
_BY_LEVELS: Final = _by_levels(TABLE)
_LONGEST: Final = max(len(levels) for levels in _BY_LEVELS)
