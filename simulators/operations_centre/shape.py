"""What a CloudEvent of Dabyl must hold, field by field, as the contract writes it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

NOTE_LIMIT: Final = 2000
ABOUT_ALARM: Final = ("dabyl.alarm.", "dabyl.evidence.")
EVIDENCE: Final = "dabyl.evidence.added"
SUPERVISION: Final = "dabyl.supervision"

_HUGE: Final = 1e15
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one value must be, in words and as a test."""

    says: str
    holds: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields an object must have; others are welcome."""

    fields: Mapping[str, "Rule | Shape"]
    or_null: bool = False


def faults(event: object) -> list[str]:
    """Say all that is missing or wrong in a decoded body; empty when it keeps the contract."""
    if not isinstance(event, dict):
        return ["the body is not an object"]
    kind = event.get("type")
    shape = ENVELOPE
    if isinstance(kind, str) and kind.startswith(ABOUT_ALARM):
        shape = EVIDENCE_EVENT if kind == EVIDENCE else ALARM_EVENT
    elif kind == SUPERVISION:
        shape = SUPERVISION_EVENT
    found = list(_walk(event, shape, ""))
    if not found and shape in (ALARM_EVENT, EVIDENCE_EVENT):
        found.extend(_contradictions(event))
    return found


def number_of(event: Mapping[str, object]) -> int | None:
    """Read the notice's number out of `<alarm id>:<number>`."""
    subject, _, number = str(event.get("id")).rpartition(":")
    fits = subject == event.get("subject") and number.isascii() and number.isdecimal()
    return int(number[:18]) if fits else None


def _walk(value: object, shape: Rule | Shape, path: str) -> Iterator[str]:
    if isinstance(shape, Rule):
        if not shape.holds(value):
            yield f"{path} is not {shape.says}"
        return
    if value is None and shape.or_null:
        return
    if not isinstance(value, dict):
        yield f"{path} is not an object"
        return
    for name, inner in shape.fields.items():
        place = f"{path}.{name}" if path else name
        if name in value:
            yield from _walk(value[name], inner, place)
        else:
            yield f"{place} is missing"


def _contradictions(event: Mapping[str, object]) -> Iterator[str]:
    match event:
        case {
            "data": {
                "alarm": {"id": alarm},
                "site": site,
                "note": note,
                "stored": stored,
                "journal": journal,
            }
        }:
            pass
        case _:
            return
    if number_of(event) is None:
        yield "id is not <subject>:<number>"
    if alarm != event["subject"]:
        yield "data.alarm.id is not the subject"
    wanted = f"/dabyl/sites/{site['id']}" if site else "/dabyl/unplaced"
    if event["source"] != wanted:
        yield f"source is not {wanted}"
    if isinstance(note, str) and len(note) > NOTE_LIMIT:
        yield f"data.note is longer than {NOTE_LIMIT} characters"
    if stored and None in (journal["number"], journal["hash"]):
        yield "data.stored is true without data.journal's number and hash"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(value: object) -> bool:
    # The bound also keeps out what is no number (NaN) and what no float holds.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _one_of(*values: object) -> Rule:
    listed = ", ".join("null" if value is None else str(value) for value in values)
    return Rule(
        f"one of {listed}",
        lambda value: not isinstance(value, bool) and value in values,
    )


def _or_null(rule: Rule) -> Rule:
    return Rule(f"{rule.says} or null", lambda value: value is None or rule.holds(value))


_ANY: Final = Rule("anything", lambda _: True)
_TEXT: Final = Rule("text", _is_text)
_FLAG: Final = Rule("true or false", lambda value: isinstance(value, bool))
_NUMBER: Final = Rule("a number", _is_number)
_WHOLE: Final = Rule("a whole number", _is_whole)
_COUNT: Final = Rule("a count from 1", lambda value: isinstance(value, int) and value >= 1)
_SECONDS: Final = Rule(
    "seconds above 0", lambda value: isinstance(value, int | float) and 0 < value < _HUGE
)
_MOMENT: Final = Rule("an RFC 3339 time", _is_time)
_LIST: Final = Rule("a list", lambda value: isinstance(value, list))
_WORDS: Final = Rule("text or null", lambda value: value is None or isinstance(value, str))
_NAME: Final = Shape({"kk": _WORDS, "ru": _WORDS, "en": _WORDS})

_ALARM: Final = Shape(
    {
        "id": _TEXT,
        "kind": _TEXT,
        "priority": _one_of(0, 1, 2, 3),
        "state": _one_of("NORMAL", "UNACKNOWLEDGED", "ACKNOWLEDGED", "RETURNED"),
        "silent": _FLAG,
        "test": _FLAG,
        "said_test": _FLAG,
        "unexpected": _FLAG,
        "id_reused": _FLAG,
        "count": _COUNT,
        "raised_at": _MOMENT,
        "pressed_at": Shape(
            {
                "value": _or_null(_MOMENT),
                "quality": _one_of("synced", "free", "unset", "received"),
            }
        ),
    }
)
_DATA: Final = Shape(
    {
        "alarm": _ALARM,
        "site": Shape(
            {
                "id": _TEXT,
                "name": _NAME,
                "address": _WORDS,
                "district": _WORDS,
                "latitude": _or_null(_NUMBER),
                "longitude": _or_null(_NUMBER),
                "phones": _LIST,
            },
            or_null=True,
        ),
        "zone": Shape(
            {"id": _TEXT, "name": _NAME, "building": _WORDS, "floor": _ANY}, or_null=True
        ),
        "place": Shape(
            {
                "source": _one_of("registry", "device"),
                "proven_at": _or_null(_MOMENT),
                "doubt": _ANY,
            },
            or_null=True,
        ),
        "device": Shape(
            {
                "id": _TEXT,
                "kind": _WORDS,
                "part": _ANY,
                "registered": _FLAG,
                "event_id": _WORDS,
                "event_ids": _LIST,
            }
        ),
        "occupancy": Shape(
            {
                "inside": _or_null(_WHOLE),
                "as_of": _or_null(_MOMENT),
                "quality": _one_of("counted", "drifting", "not_counted"),
            },
            or_null=True,
        ),
        "operator": _ANY,
        "disposition": _one_of("confirmed", "false", "suspicious", "test", "device_fault", None),
        "note": _WORDS,
        "stored": _FLAG,
        "journal": Shape({"gateway": _TEXT, "number": _or_null(_WHOLE), "hash": _WORDS}),
        "delivery": Shape({"receiver": _TEXT, "gateway": _TEXT, "sequence": _or_null(_WHOLE)}),
        "links": Shape({"alarm": _WORDS, "evidence": _ANY}),
    }
)
_STILL: Final = Shape(
    {
        "sha256": Rule("a SHA-256", lambda value: bool(_DIGEST.fullmatch(str(value)))),
        "link": _TEXT,
        "camera": _TEXT,
        "taken_at": _MOMENT,
        "content_type": _TEXT,
        "size_bytes": _COUNT,
    }
)
_STILLS: Final = Rule(
    "a list of stills",
    lambda value: (
        isinstance(value, list)
        and bool(value)
        and not any(any(_walk(v, _STILL, "")) for v in value)
    ),
)
_COMMON: Final[Mapping[str, Rule | Shape]] = {
    "specversion": _one_of("1.0"),
    "id": _TEXT,
    "source": _TEXT,
    "type": _TEXT,
    "time": _MOMENT,
    "datacontenttype": _one_of("application/json"),
}
ENVELOPE: Final = Shape({**_COMMON, "data": Shape({})})
ALARM_EVENT: Final = Shape(
    {**_COMMON, "subject": _TEXT, "dataschema": _one_of("urn:dabyl:alarm:1"), "data": _DATA}
)
EVIDENCE_EVENT: Final = Shape(
    {
        **ALARM_EVENT.fields,
        "data": Shape({**_DATA.fields, "evidence": _STILLS}),
    }
)
SUPERVISION_EVENT: Final = Shape(
    {
        **_COMMON,
        "data": Shape(
            {
                "gateway": _TEXT,
                "interval_s": _SECONDS,
                "sequence": _WHOLE,
                "open": _ANY,
                "undelivered": _ANY,
                "canary_age_s": _or_null(_NUMBER),
                "journal": _ANY,
            }
        ),
    }
)
