"""Check-ins: what one changes is stored with its batch; that it came is written down soon after.

Most check-ins say the same as the one before. Those need no query, and no row in the transaction.
"""

import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from adapters.signal import CheckIn, Lane
from gateway.domain import condition, counters
from gateway.domain.alarm import Alarm
from gateway.domain.condition import MOVED, Facts, Turn
from gateway.domain.event import Affected, Event
from gateway.domain.kind import KINDS
from gateway.domain.site import Registry
from gateway.store import alarms, changes, device_states
from gateway.store.changes import What
from gateway.store.device_states import DeviceState
from gateway.store.prepared import ask

_MARKS = frozenset(
    (
        "device.silent",
        "device.heard",
        "camera.unreachable",
        "camera.unreachable_back",
        "camera.events_dead",
        "camera.events_back",
    )
)
"""The kinds that say of one that it is silent, or is no more."""
SHOWS_DEVICES = _MARKS | frozenset(
    f"{whole}.{what}"
    for whole in ("site", "district")
    for what in ("silent", "heard", "cameras_silent", "cameras_heard")
)
"""The kinds that make another thing be said of devices."""
_COUNTERS = 2**63
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(slots=True)
class Looked:
    """The check-ins of a batch that change something, and what came of them."""

    check_ins: Sequence[CheckIn] = ()
    devices: tuple[str, ...] = ()
    facts: dict[str, Facts] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    behind: tuple[str, int] = ("", 0)
    """Gateway and number of the row behind which its events are journalled; `look` sets it."""


def notable(check_ins: Sequence[CheckIn], known: dict[str, Facts], registry: Registry) -> Looked:
    """Those whose device may be otherwise than before; by what is remembered, without a query."""
    latest: dict[str, Facts | None] = {}
    devices: set[str] = set()
    for said in check_ins:
        before = latest[said.device] if said.device in latest else known.get(said.device)
        now = latest[said.device] = _after(before, said, registry)
        if condition.needs_a_look(before, now):
            devices.add(said.device)
    kept = [said for said in check_ins if said.device in devices]
    return Looked(check_ins=kept, devices=tuple(sorted(devices)))


def look(
    connection: Connection,
    looked: Looked,
    registry: Registry,
    opened: MutableMapping[str, list[Alarm]],
    behind: tuple[str, int],
) -> None:
    """Compare them with what is written: it counts, whoever has heard the one before.

    `opened`: the open alarms of those devices; whoever's alarm stands for another's is added.
    `behind`: gateway and number of the row behind which its events are journalled.
    """
    if not looked.devices:
        return
    looked.behind = behind
    facts = looked.facts = device_states.facts_of(connection, looked.devices)
    kinds = {device: {one.kind for one in opened[device]} for device in looked.devices}
    for said in looked.check_ins:
        before, own = facts.get(said.device), kinds[said.device]
        now = condition.settled(before, _after(before, said, registry), own)
        if said.online:
            turns = [one for one in condition.turns(before, now, said.content) if _counts(one, own)]
            events = [_event(said, turn, looked, registry) for turn in turns]
            for turn, event in zip(turns, events, strict=True):
                if _is_overtaken(turn, event, opened):
                    now = condition.unlearnt(now, before, turn)
                    continue
                looked.events.append(event)
                own.add(turn.kind)
                own.discard(turn.restores or "")
        facts[said.device] = now
        if now.moved is not None and now.moved != (before or Facts()).moved:
            looked.events.append(_moved(connection, said, looked, registry, opened))


def save(connection: Connection, looked: Looked, gateway: str, at: datetime) -> None:
    """Write how each of them is at the end of the batch."""
    latest: dict[str, DeviceState] = {}
    for said in looked.check_ins:
        now, before = state(said), latest.get(said.device)
        if before is not None and not said.online:
            now = replace(before, online=False, link=said.link)
        latest[said.device] = replace(now, facts=looked.facts[said.device])
    device_states.save(connection, list(latest.values()), gateway, at)
    changes.note(connection, [(What.DEVICE, device) for device in looked.devices], at)


def show_silence(connection: Connection, events: Sequence[Event], at: datetime) -> None:
    """Supervision's word on who is silent is kept in the transaction of its event."""
    said = [event for event in events if event.kind.name in SHOWS_DEVICES]
    if said:
        silent = {
            event.device: event.received_at if event.kind.raises is not None else None
            for event in said
            if event.kind.name in _MARKS
        }
        device_states.mark_silent(connection, silent)
        changes.note(connection, [(What.DEVICE, event.device) for event in said], at)


def state(said: CheckIn) -> DeviceState:
    """A check-in as it is written down; a Last Will is no sign of life."""
    return DeviceState(
        device=said.device,
        heard_at=said.received_at if said.online else None,
        link=said.link,
        online=said.online,
        said=said.content if said.online else {},
    )


def _after(before: Facts | None, said: CheckIn, registry: Registry) -> Facts:
    was = before or Facts()
    if not said.online:
        return structs.replace(was, online=False)
    return condition.after(was, said.content, registry.devices[said.device].site)


def _counts(turn: Turn, opened: set[str]) -> bool:
    """What began counts, though an open alarm takes it in; an end only where there is one."""
    return turn.restores is None or turn.restores in opened


def _is_overtaken(turn: Turn, end: Event, opened: Mapping[str, Sequence[Alarm]]) -> bool:
    """An end from before what it ends was said: the next check-in is compared anew."""
    ending = [alarm for alarm in opened[end.device] if alarm.kind == turn.restores]
    return any(counters.is_overtaken(alarm, end) for alarm in ending if alarm.part == end.part)


def _event(said: CheckIn, turn: Turn, looked: Looked, registry: Registry) -> Event:
    return _made(said, said.device, turn.kind, dict(turn.data), looked, registry)


def _moved(
    connection: Connection,
    said: CheckIn,
    looked: Looked,
    registry: Registry,
    opened: MutableMapping[str, list[Alarm]],
) -> Event:
    """One of a site that is seen elsewhere is trouble; others at the same place are counted to it.

    A school's new router is not as many thefts as it has devices.
    """
    network, site = looked.facts[said.device].moved, registry.devices[said.device].site
    own = [one.id for one in registry.devices.values() if one.site == site]
    known = device_states.facts_of(connection, own, hold=False) | looked.facts
    there = [one for one in own if one in known and known[one].moved == network]
    others = [one for one in there if one != said.device]
    for alarm in ask(connection, alarms.opening(others)) if others else []:
        if alarm.device not in opened or alarm not in opened[alarm.device]:
            opened.setdefault(alarm.device, []).append(alarm)
    first = _first_moved(others, looked, opened)
    data: dict[str, object] = {"cause": "network", "check_in": True, "network": network}
    if first is None:
        return _made(said, said.device, MOVED, data, looked, registry)
    affected = Affected(devices=len({*there, said.device}), of_devices=len(own))
    data |= {"also": said.device, "affected": affected}
    return structs.replace(_made(said, first, MOVED, data, looked, registry), affected=affected)


def _first_moved(
    devices: Sequence[str], looked: Looked, opened: Mapping[str, Sequence[Alarm]]
) -> str | None:
    """Whose alarm stands for the others, in the store or in this batch."""
    there = [one for one in devices if any(alarm.kind == MOVED for alarm in opened.get(one, ()))]
    here = [one.device for one in looked.events if one.kind.name == MOVED and one.device in devices]
    return next(iter([*there, *here]), None)


def _made(
    said: CheckIn,
    device: str,
    kind: str,
    data: dict[str, object],
    looked: Looked,
    registry: Registry,
) -> Event:
    """An event that a check-in means, in the journal of the lane on which it was heard.

    Its id is made of its place there as well: the same word, said twice at once, is two events.
    """
    gateway, number = looked.behind
    place = f"{gateway}\x1f{number + len(looked.events)}"
    heard = f"{said.received_at.isoformat()}\x1f{said.link}"
    key = f"{kind}\x1f{said.device}\x1f{heard}\x1f{place}\x1f".encode()
    digest = hashlib.blake2b(key + _encode(said.content), digest_size=16)
    event_id = f"c-{digest.hexdigest()}"
    body = _encode({"id": event_id, "kind": kind, "data": data})
    return Event(
        device=device,
        kind=KINDS[kind],
        lane=Lane.EVENT,
        id=event_id,
        digest=hashlib.blake2b(body, digest_size=16).digest(),
        link=said.link,
        received_at=said.received_at,
        boot=_counter(said.content, "boot"),
        seq=_counter(said.content, "seq"),
        data=msgspec.json.decode(body)["data"],
        body=body,
        place=registry.place(device),
        standing=True,
    )


def _counter(content: Mapping[str, Any], name: str) -> int | None:
    """What a device counts; `seq` is the number of the last alarm that it had said by then."""
    found = content.get(name)
    is_one = isinstance(found, int) and not isinstance(found, bool) and 0 <= found < _COUNTERS
    return found if is_one else None
