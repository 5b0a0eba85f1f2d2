"""The v1 body: bytes to Signal, for MQTT and for HTTP alike. Pure, and lenient to what it does not know."""

from datetime import datetime
from typing import Any

import msgspec

from adapters.devices.contract import Garbled
from adapters.signal import ClockQuality, Said, Unread, Where

BODY_LIMIT = 16 * 1024
ID_LIMIT = 64
KIND_LIMIT = 64
PART_LIMIT = 64
INT64 = 2**63
DEPTH_LIMIT = 32
_CLOCKS = frozenset(ClockQuality)


def event(raw: bytes) -> Said:
    """An event's body. Only `id` and `kind` are needed: a wrong optional field counts as missing,
    because a firmware's slip beside a press must not silence it.

    Raises:
        Garbled: with the reason, and the id where it could be read.
    """
    content = contents(raw)
    event_id, kind = _id(content), content.get("kind")
    if event_id is None or not isinstance(kind, str) or not 0 < len(kind) <= KIND_LIMIT:
        raise Garbled(Unread.BAD_FIELD, event_id)
    age_ms = _whole(content.pop("age_ms", None), 0, INT64)
    return Said(
        id=event_id,
        kind=kind,
        at=instant(content.get("at")),
        age_ms=age_ms,
        clock=_clock(content.get("clock")),
        boot=_whole(content.get("boot"), 0, INT64),
        seq=_whole(content.get("seq"), 0, INT64),
        part=_whole(content.get("part"), 1, PART_LIMIT + 1) or 1,
        test=content.get("test") is True,
        where=_where(content.get("where")),
        content=content,
    )


def contents(raw: bytes) -> dict[str, Any]:
    """A body's JSON object, with every number within int64 and no NUL in any text.

    Raises:
        Garbled: too large, no JSON object, a number or a character that no database takes.
    """
    if len(raw) > BODY_LIMIT:
        raise Garbled(Unread.TOO_LARGE)
    try:
        content = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Garbled(Unread.NOT_JSON) from None
    if not isinstance(content, dict):
        raise Garbled(Unread.NOT_JSON)
    _inspect(content, _id(content), DEPTH_LIMIT)
    return content


def instant(text: object) -> datetime | None:
    """A device's time with its offset; None for what is no such time, for a date never fails a press."""
    if not isinstance(text, str):
        return None
    try:
        moment = msgspec.convert(text, datetime)
        return None if moment.tzinfo is None else moment
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None


def _id(content: dict[str, Any]) -> str | None:
    found = content.get("id")
    if isinstance(found, str) and 0 < len(found) <= ID_LIMIT and found.isprintable():
        return found
    return None


def _whole(value: object, least: int, beyond: int) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value < beyond:
        return value
    return None


def _clock(text: Any) -> ClockQuality | None:
    if text is None:
        return None
    known = isinstance(text, str) and text in _CLOCKS
    return ClockQuality(text) if known else ClockQuality.UNSET


def _where(value: object) -> Where | None:
    if value is None:
        return None
    try:
        found = msgspec.convert(value, Where)
    except msgspec.ValidationError:
        return None
    return found if abs(found.lat) <= 90 and abs(found.lon) <= 180 else None  # noqa: PLR2004


def _inspect(value: object, event_id: str | None, depth: int) -> None:
    """Refuse what one of the databases would choke on: it must fail here, not inside a batch."""
    if isinstance(value, str):
        if "\0" in value:
            raise Garbled(Unread.NUL, event_id)
    elif isinstance(value, int):
        if not -INT64 <= value < INT64:
            raise Garbled(Unread.OUT_OF_RANGE, event_id)
    elif isinstance(value, float):
        # 1e400 decodes to infinity in some parsers; nothing real is that large.
        if not -1e300 < value < 1e300:  # noqa: PLR2004 - far beyond any measure
            raise Garbled(Unread.OUT_OF_RANGE, event_id)
    elif isinstance(value, dict):
        if depth == 0:
            raise Garbled(Unread.OUT_OF_RANGE, event_id)
        for key, item in value.items():
            _inspect(key, event_id, depth)
            _inspect(item, event_id, depth - 1)
    elif isinstance(value, list):
        if depth == 0:
            raise Garbled(Unread.OUT_OF_RANGE, event_id)
        for item in value:
            _inspect(item, event_id, depth - 1)
