"""Seen: how a camera is, as far as whoever holds its link wrote it down, for a technician."""

from datetime import datetime
from typing import Any

from gateway.cli import printed
from gateway.domain.camera import Facts, Picture
from gateway.domain.site import Device, Sort
from gateway.web import words

TOPICS_SHOWN = 5


def shown(device: Device, facts: Facts | None, now: datetime | None) -> dict[str, Any]:
    """Fields to show of a camera; none of anything else. `now`: for a person, not a program."""
    if device.sort is not Sort.CAMERA:
        return {}
    if facts is None:
        return {"camera": None if now is None else "nobody has logged in: `dabyl camera login`"}
    if now is None:
        return {"camera": _plain(facts)}
    return {f"camera_{name}": value for name, value in _said(facts, now).items() if value}


def _plain(facts: Facts) -> dict[str, Any]:
    return {
        "link": facts.state.value,
        "reason": facts.reason,
        "why": facts.why,
        "way": facts.way,
        "manufacturer": facts.manufacturer,
        "model": facts.model,
        "firmware": facts.firmware,
        "firmware_before": facts.firmware_before,
        "serial": facts.serial,
        "event_at": printed.utc(facts.event_at),
        "clock_offset_s": facts.clock_offset_s,
        "slot_faults": facts.slot_faults,
        "unreadable": facts.unreadable,
        "unknown_topics": facts.unknown_topics,
        "pulses": list(facts.pulses),
        "picture": facts.picture.value,
        "picture_at": printed.utc(facts.picture_at),
    }


def _said(facts: Facts, now: datetime) -> dict[str, Any]:
    known = words.of("en")
    event, offset_s = facts.event_at, facts.clock_offset_s
    topics = sorted(facts.unknown_topics.items(), key=lambda one: -one[1])[:TOPICS_SHOWN]
    is_bad = facts.picture not in {Picture.UNKNOWN, Picture.GOOD}
    return {
        "link": facts.state.value + (f", by {facts.way}" if facts.way else ""),
        "reason": facts.reason and known.get(f"reason.{facts.reason}", facts.reason),
        "why": facts.why,
        "is": " ".join(filter(None, (facts.manufacturer, facts.model, facts.firmware))),
        "firmware_before": facts.firmware_before,
        "serial": facts.serial,
        "event": "none yet" if event is None else f"{printed.age(now - event)} ago",
        "clock": "" if offset_s is None else f"{offset_s:+.0f} s from ours",
        "slots": f"no room {facts.slot_faults} times in a row" if facts.slot_faults else "",
        "unreadable": facts.unreadable,
        "unknown_topics": ", ".join(f"{topic} ({count})" for topic, count in topics),
        "inputs": f"parts {', '.join(map(str, facts.pulses))} do not latch" if facts.pulses else "",
        "picture": known[f"picture.{facts.picture}"] if is_bad else facts.picture.value,
    }
