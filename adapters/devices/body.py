"""The v1 body: bytes to Signal, for MQTT and HTTP alike. Pure; lenient to what it does not know."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from adapters.devices.contract import Garbled
from adapters.signal import ClockQuality, Said, Unread, Where

BODY_LIMIT = 16 * 1024
ID_LIMIT = 64
KIND_LIMIT = 64
PART_LIMIT = 64
INT64 = 2**63
DEPTH_LIMIT = 32
REAL = 1e300
"""Nothing measured is as large; some parsers make an infinity of what is larger."""
_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_EXPONENT = re.compile(rb"[eE]\+?[0-9]{3}")
"""Whatever else may be in a body, only these can make a number out of range. Each begins with what
the searcher can skip to: one pattern for both takes four times as long."""
_CLOCKS = frozenset(ClockQuality)
_Count = Annotated[int, msgspec.Meta(ge=0, le=INT64 - 1)]


class _Usual(msgspec.Struct, frozen=True):
    """The fields of a body in which nothing is out of order: most of them, read in one go."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_LIMIT)]
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=KIND_LIMIT)]
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    age_ms: _Count | None = None
    clock: ClockQuality | None = None
    boot: _Count | None = None
    seq: _Count | None = None
    part: Annotated[int, msgspec.Meta(ge=1, le=PART_LIMIT)] = 1
    test: bool = False
    where: Where | None = None


_usual = msgspec.json.Decoder(_Usual).decode


class Glance(msgspec.Struct):
    """As much of an event's body as tells it from others of its device."""

    id: str
    kind: str
    part: int = 1


_glance = msgspec.json.Decoder(Glance).decode


def glance(raw: bytes) -> Glance | None:
    """What a body says at a glance; None where only `event` can tell."""
    if len(raw) > BODY_LIMIT:
        return None
    try:
        seen = _glance(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    is_plain = 0 < len(seen.id) <= ID_LIMIT and seen.id.isprintable() and seen.part > 0
    return seen if is_plain else None


def event(raw: bytes) -> Said:
    """An event's body.

    Only `id` and `kind` are needed: a wrong optional field counts as missing, because a firmware's
    slip beside a press must not silence it.

    Raises:
        Garbled: with the reason, and the id where it could be read.
    """
    content = contents(raw)
    try:
        said = _usual(raw)
        at = None if said.at is None else said.at.astimezone(UTC)
    except (msgspec.DecodeError, UnicodeError, OverflowError):
        return _lenient(content)
    if not said.id.isprintable() or not _is_somewhere(said.where):
        return _lenient(content)
    content.pop("age_ms", None)
    return Said(
        id=said.id,
        kind=said.kind,
        at=at,
        age_ms=said.age_ms,
        clock=said.clock,
        boot=said.boot,
        seq=said.seq,
        part=said.part,
        test=said.test,
        where=said.where,
        content=content,
    )


def _lenient(content: dict[str, Any]) -> Said:
    """The same, field by field: what is wrong in one costs no other."""
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
    if (
        b"\\u0000" in raw
        or _LONG_NUMBER.search(raw)
        or _EXPONENT.search(raw)
        or raw.count(b"{") + raw.count(b"[") > DEPTH_LIMIT
    ):
        _inspect(content, _id(content), DEPTH_LIMIT)
    return content


def instant(text: object) -> datetime | None:
    """A device's time with its offset; None for what is none: a date never fails a press."""
    if not isinstance(text, str):
        return None
    try:
        moment = msgspec.convert(text, datetime)
        if moment.tzinfo is not None:
            # The first and the last day of all time may lie outside it in UTC.
            moment = moment.astimezone(UTC)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None
    return None if moment.tzinfo is None else moment


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


def _clock(text: object) -> ClockQuality | None:
    if text is None:
        return None
    if isinstance(text, str) and text in _CLOCKS:
        return ClockQuality(text)
    return ClockQuality.UNSET


def _where(value: object) -> Where | None:
    if value is None:
        return None
    try:
        found = msgspec.convert(value, Where)
    except msgspec.ValidationError:
        return None
    return found if _is_somewhere(found) else None


def _is_somewhere(where: Where | None) -> bool:
    return where is None or (abs(where.lat) <= 90 and abs(where.lon) <= 180)  # noqa: PLR2004 - degrees


def _inspect(value: object, event_id: str | None, depth: int) -> None:
    """Refuse what one of the databases would choke on: it must fail here, not inside a batch."""
    if isinstance(value, str) and "\0" in value:
        raise Garbled(Unread.NUL, event_id)
    if isinstance(value, int | float) and not _fits(value):
        raise Garbled(Unread.OUT_OF_RANGE, event_id)
    if isinstance(value, dict | list):
        if depth == 0:
            raise Garbled(Unread.OUT_OF_RANGE, event_id)
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            _inspect(item, event_id, depth - 1)


def _fits(number: float) -> bool:
    return -INT64 <= number < INT64 if isinstance(number, int) else -REAL < number < REAL
