"""Words: what a camera said, as a person in front of it understands it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from adapters.signal import Spoken
from gateway.domain import kind as kinds
from gateway.domain.site import Device

LATCHES_S: Final = 60.0
_SAID: Final = {
    "input.activated": "closed",
    "input.cleared": "open again",
    "camera.tampered": "its view is covered, turned away or out of focus",
    "camera.restored": "its view is clear again",
    "camera.signal_lost": "its picture is lost",
    "camera.signal_back": "its picture is back",
    "camera.storage_failed": "its storage failed",
    "camera.storage_back": "its storage works again",
    "camera.line_crossed": "somebody crossed a line",
    "camera.intrusion": "somebody is where nobody should be",
    "camera.motion": "something moves",
    "tamper.opened": "its case or its wire is open",
    "tamper.closed": "its case or its wire is closed again",
    "passage.granted": "a passage was granted",
    "passage.denied": "a passage was denied",
    "passage.duress": "a passage under duress",
    "passage.forced": "a door was forced",
    "passage.held_open": "a door is held open",
    "passage.unlocked": "a door is unlocked",
    "passage.locked": "a door is locked again",
    "passage.closed": "a door is closed again",
}


def fact(signal: Spoken, device: Device | None) -> dict[str, Any]:
    """What was said, for a machine."""
    said, data = signal.said, signal.said.content["data"]
    kind = meant(signal, device)
    known = kinds.find(kind)
    raises = None if known is None or known.raises is None else known.raises.name
    return {
        "at": signal.received_at,
        "kind": kind,
        "raises": raises,
        "part": said.part,
        "input": data.get("input"),
        "initial": bool(data.get("initial")),
        "topic": data.get("topic"),
        "source": data.get("source", {}),
        "items": data.get("items", {}),
    }


def sentence(found: Mapping[str, Any], spoken_kind: str, lasted_s: float | None) -> str:
    """The same for a person; `lasted_s`: how long a contact was closed that is open now."""
    said = _SAID.get(spoken_kind, spoken_kind)
    who = f"input {found['input']}" if found["input"] else ""
    after = f" after {lasted_s:.1f} s" if lasted_s is not None else ""
    already = ", and was so when we came" if found["initial"] else ""
    kind = found["kind"] + (f" {found['raises']}" if found["raises"] else "")
    where = ", ".join(f"{name} {value}" for name, value in found["source"].items())
    topic = f"{found['topic']}{': ' if where else ''}{where}"
    return f"{' '.join(filter(None, (who, said)))}{after}{already}  → {kind}  ({topic})"


def meant(signal: Spoken, device: Device | None) -> str:
    """The kind that the gateway makes of it."""
    kind = signal.said.kind
    if device is None or kind not in {"input.activated", "input.cleared"}:
        return kind
    means = device.means(signal.said.part)
    if kind == "input.activated":
        return means or kind
    known = None if means is None else kinds.find(means)
    ends = [] if known is None else [one for one in kinds.KINDS.values() if means in one.restores]
    return ends[0].name if ends else kind


def pulse(lasted_s: float) -> str | None:
    """What is to be said of a contact that opened so soon; None: it latches."""
    if lasted_s >= LATCHES_S:
        return None
    return (
        f"it was closed for {lasted_s:.1f} s and opened by itself or by a hand: pressed while the"
        " line is down, it is not heard afterwards; let it latch, or hold for 60 s"
        " (docs/how-to/cameras/contact-does-not-latch.md)"
    )


def clock(at: datetime) -> str:
    """The time on this machine's own clock."""
    return at.astimezone().strftime("%H:%M:%S")
