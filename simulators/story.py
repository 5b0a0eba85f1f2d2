"""What happens in a simulation, in words for people or in JSON lines for machines."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

import msgspec

from simulators import wire
from simulators.clock import ALMATY
from simulators.outputs import Answered, Output, Publish, Refused, Show, Sound, Stored, Told

Facts = dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing worth telling: a slug and facts for machines, a sentence for people."""

    at: datetime
    what: str
    words: str
    device: str | None = None
    facts: Facts = field(default_factory=dict)


Tell = Callable[[Happening], None]


def in_words(happening: Happening) -> None:
    """Print for a person."""
    who = f"{happening.device}: " if happening.device else ""
    clock = happening.at.astimezone(ALMATY).strftime("%H:%M:%S.%f")[:-3]
    sys.stdout.write(f"{clock}  {who}{happening.words}\n")
    sys.stdout.flush()


def in_json(happening: Happening) -> None:
    """Print for a machine: one JSON object on one line."""
    line = {
        "at": happening.at.isoformat(timespec="milliseconds"),
        "device": happening.device,
        "what": happening.what,
        "words": happening.words,
        **happening.facts,
    }
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


def teller(*, json: bool) -> Tell:
    """Choose how to print."""
    return in_json if json else in_words


def of(at: datetime, device: str, output: Output) -> Happening | None:
    """Put an output into words; nothing for what is said without end (check-ins)."""
    match output:
        case Publish():
            return None
        case Told() | Stored() | Refused():
            what, words, facts = _of_event(output)
        case Show(lamp=lamp):
            what, words, facts = "lamp", f"lamp shows {lamp.replace('_', ' ')}", {"lamp": lamp}
        case Sound(on=on):
            what, words, facts = "sound", "sounds" if on else "falls silent", {"on": on}
        case Answered(command=command, error=error, event=event):
            words = f"did {command}" if error is None else f"did not {command}: {error}"
            what, facts = "answered", {"command": command, "error": error, "event": event}
        case _:
            assert_never(output)
    return Happening(at=at, device=device, what=what, words=words, facts=facts)


def _of_event(output: Told | Stored | Refused) -> tuple[str, str, Facts]:
    match output:
        case Told(event=event, broker=broker, again=again):
            facts: Facts = {"event": event.id, "kind": event.kind, "broker": broker + 1}
            if again:
                return "told_again", f"says {event.kind} again, at broker {broker + 1}", facts
            return "told", f"says {event.kind}{_details(event)}", facts
        case Stored(event=event, age_ms=age_ms, copies=copies):
            words = f"has the receipt of {event.kind} after {age_ms} ms"
            facts = {"event": event.id, "kind": event.kind, "age_ms": age_ms, "copies": copies}
            return "stored", words, facts
        case Refused(event=refused, reason=reason):
            facts = {"event": refused.id if refused else None, "reason": reason}
            return "refused", f"is refused: {reason}", facts


def _details(event: wire.Event) -> str:
    data = event.data or {}
    details = [str(data[name]) for name in ("reason", "direction") if name in data]
    if event.test:
        details.append("test")
    return f" ({', '.join(details)})" if details else ""
