"""The story of the demo: a line for each press, with the time that each step of its road took."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec

from gateway.domain.decision import Transition
from gateway.domain.kind import Priority, find
from gateway.domain.site import Registry
from gateway.store import alarms, deliveries
from gateway.store.database import Database, StoreDown
from gateway.store.outbox import Delivery

LOOK_S = 0.05
SEEN_LOOK_S = 0.5
PATIENCE_S = 10.0
LONG_S = 3600.0
WATCHED = 100
"""So many presses and alarms are watched at once; what is above is told by the pages alone."""
_SEEN = frozenset({"claim", "acknowledge", "accepted", "dispatched", "on_scene", "close", "closed"})
_LATELY = 60
_NARRATED = frozenset({"narrator", "connected", "cameras"})


class _Alarm(msgspec.Struct):
    id: str
    priority: int
    count: int


class _Device(msgspec.Struct):
    id: str
    event_id: str
    event_ids: list[str] = []


class _Data(msgspec.Struct):
    alarm: _Alarm
    device: _Device


class _Notice(msgspec.Struct):
    type: str
    data: _Data


@dataclass(slots=True, kw_only=True)
class _Press:
    device: str
    event: str
    kind: str
    at: datetime
    receipt_ms: int | None = None
    is_late: bool = False
    """It was told that this one has not arrived; it is still waited for."""


class Story:
    """Hears what the devices do and reads what came of it."""

    def __init__(self, registry: Registry, zone: ZoneInfo) -> None:
        self._registry = registry
        self._zone = zone
        self._presses: dict[str, _Press] = {}
        self._unseen: dict[str, datetime] = {}

    def tell(self, happening: Any) -> None:  # noqa: ANN401 - a simulator's Happening
        """Take what a simulated device or the narrator says."""
        if happening.what in _NARRATED:
            self.line(happening.at, click.style(happening.words, italic=True))
        elif happening.what == "told" and _asks_for_somebody(happening.facts):
            event = str(happening.facts["event"])
            if len(self._presses) < WATCHED:
                self._presses[event] = _Press(
                    device=happening.device,
                    event=event,
                    kind=happening.facts["kind"],
                    at=happening.at,
                )
        elif happening.what == "stored" and happening.facts["event"] in self._presses:
            self._presses[happening.facts["event"]].receipt_ms = happening.facts["age_ms"]

    async def run(self, database: Database, now: Any) -> None:  # noqa: ANN401 - a clock's now
        """Read what came of each press, for ever; ends by cancelling."""
        async with asyncio.TaskGroup() as looking:
            looking.create_task(self._look_for_centre(database, now))
            looking.create_task(self._look_for_seen(database))

    def line(self, at: datetime | None, text: str) -> None:
        """Tell it, with the time on the wall where there is one."""
        clock = "" if at is None else at.astimezone(self._zone).strftime("%H:%M:%S")
        click.echo(f"{clock:8}  {text}")

    def where(self, device: str) -> str:
        """Its school, its zone and its own name."""
        place = self._registry.place(device)
        site = "" if place.site is None else place.site.name.en or place.site.name.kk
        zone = "" if place.zone is None else place.zone.name.kk
        return ", ".join(filter(None, (site, zone, device)))

    async def _look_for_centre(self, database: Database, now: Any) -> None:  # noqa: ANN401
        while True:
            await asyncio.sleep(LOOK_S)
            if not self._presses:
                continue
            try:
                found = await database.read(lambda c: deliveries.listed(c, None, _LATELY, None))
            except StoreDown:
                continue
            for delivery in reversed(found):
                self._arrived(delivery)
            self._give_up(now())

    def _arrived(self, delivery: Delivery) -> None:
        """Tell of the presses that this delivery brought to the centre."""
        if delivery.settled_at is None or not delivery.type.startswith("dabyl.alarm.r"):
            return
        notice = msgspec.json.decode(delivery.body, type=_Notice)
        device = notice.data.device
        for event in (device.event_id, *device.event_ids):
            press = self._presses.get(event)
            if press is not None and press.receipt_ms is not None:
                del self._presses[event]
                self._tell_press(press, notice, delivery)

    def _tell_press(self, press: _Press, notice: _Notice, delivery: Delivery) -> None:
        alarm = notice.data.alarm
        is_first = notice.type.endswith("raised")
        late = " (late)" if press.is_late else ""
        heard, centre = _ms(press.at, delivery.created_at), _ms(press.at, delivery.settled_at)
        road = (
            f"heard {heard} · stored, and the button knows {press.receipt_ms} ms · centre {centre}"
        )
        again = late if is_first else f" (press {alarm.count}){late}"
        mark = click.style(
            f" P{alarm.priority} ", bg="red" if alarm.priority == 0 else "yellow", fg="black"
        )
        what = click.style(press.kind + again, bold=True)
        self.line(press.at, f"{mark} {what}  {self.where(press.device)}")
        self.line(None, f"     pressed → {road}")
        if is_first and len(self._unseen) < WATCHED:
            self._unseen[alarm.id] = press.at

    def _give_up(self, now: datetime) -> None:
        for event, press in list(self._presses.items()):
            waited_s = (now - press.at).total_seconds()
            if waited_s > LONG_S:
                del self._presses[event]
            elif waited_s > PATIENCE_S and not press.is_late:
                press.is_late = True
                stored = (
                    "no receipt" if press.receipt_ms is None else f"receipt {press.receipt_ms} ms"
                )
                told = f"{press.kind} at {press.device}: {stored}, not at the centre yet"
                self.line(press.at, click.style(told, fg="red"))

    async def _look_for_seen(self, database: Database) -> None:
        while True:
            await asyncio.sleep(SEEN_LOOK_S)
            for alarm in list(self._unseen):
                try:
                    lines = await database.read(partial(alarms.time_line, alarm=alarm))
                except StoreDown:
                    break
                seen = next((line for line in lines if line.what in _SEEN), None)
                if seen is not None:
                    self._tell_seen(alarm, seen)

    def _tell_seen(self, alarm: str, seen: Transition) -> None:
        pressed_at = self._unseen.pop(alarm)
        after_s = (seen.at - pressed_at).total_seconds()
        who = "the centre" if seen.by.startswith("centre ") else seen.by
        self.line(
            seen.at, f"     seen {after_s:.1f} s after the press, by {who} (alarm {alarm[:8]})"
        )


def _asks_for_somebody(facts: Mapping[str, object]) -> bool:
    """Whether what was said raises what the centre is told by default."""
    kind = find(str(facts.get("kind")))
    return kind is not None and kind.raises is not None and kind.raises <= Priority.P1


def _ms(since: datetime, until: datetime | None) -> str:
    return "?" if until is None else f"{max(0.0, (until - since).total_seconds() * 1000):.1f} ms"
