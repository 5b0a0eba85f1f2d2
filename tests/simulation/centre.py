"""The operations centre, at the forwarder's edge: it takes, refuses, and loses its own answers."""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adapters.notice import Notice
from adapters.receivers.contract import Accepted, Outcome, Reason, Refused, TryAgain
from tests.simulation.life import Life, Point


@dataclass(slots=True)
class Temper:
    """How it behaves just now."""

    away: bool = False
    failing: float = 0.0
    """How often it answers 500, without having taken it …"""
    forgetful: float = 0.0
    """… and how often it takes it, and its answer is lost."""
    refusing: float = 0.0
    """How often it says that it will never take this one."""
    slow_s: float = 0.05


@dataclass(slots=True)
class Centre:
    """What it was told, and how it behaves."""

    dice: random.Random
    temper: Temper = field(default_factory=Temper)
    told: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By idempotency key: when it was told."""
    named: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """By device and event id: under which keys it was named."""
    last: dict[str, int] = field(default_factory=dict)
    """By alarm: the highest number that was told."""
    disorder: list[str] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    altered: list[str] = field(default_factory=list)
    cried: set[str] = field(default_factory=set)
    """Keys under which a gateway sent what was not stored; it cannot know whether that came."""

    def take(self, notice: Notice, now: float) -> None:
        """Write down what it was told."""
        if notice.type == "dabyl.supervision":
            return
        is_first = notice.id not in self.told
        self.told[notice.id].append(now)
        if not notice.type.startswith("dabyl.alarm."):
            return
        data: dict[str, Any] = msgspec.json.decode(notice.body)["data"]
        if data["stored"] and self.bodies.setdefault(notice.id, notice.body) != notice.body:
            self.altered.append(notice.id)
        if notice.type in {"dabyl.alarm.raised", "dabyl.alarm.repeated"}:
            device = data["device"]
            for event_id in {device["event_id"], *device["event_ids"]}:
                self.named[device["id"], event_id].add(notice.id)
        alarm, _, number = notice.id.rpartition(":")
        if is_first and int(number) < self.last.get(alarm, 0):
            self.disorder.append(notice.id)
        self.last[alarm] = max(self.last.get(alarm, 0), int(number))


class Line:
    """The Forwarder of one life of a gateway."""

    def __init__(self, centre: Centre, life: Life) -> None:
        self._centre, self._life = centre, life

    async def send(self, notice: Notice, *, backup: bool = False) -> Outcome:  # noqa: ARG002 - there is one address
        """Try once; see Forwarder."""
        centre, temper, dice = self._centre, self._centre.temper, self._centre.dice
        if _is_cry(notice):
            centre.cried.add(notice.id)
        await self._life.step(Point.POSTING)
        await asyncio.sleep(dice.uniform(0, temper.slow_s))
        if temper.away:
            await asyncio.sleep(dice.choice((0.001, 5.0)))
            return TryAgain(reason=Reason.UNREACHABLE, detail="nobody there")
        if dice.random() < temper.failing:
            return TryAgain(reason=Reason.SERVER_ERROR, detail="500")
        if dice.random() < temper.refusing and notice.priority > 0:
            return Refused(status=422, detail="422")
        centre.take(notice, asyncio.get_running_loop().time())
        if dice.random() < temper.forgetful:
            await asyncio.sleep(5.0)
            return TryAgain(reason=Reason.TIMEOUT, detail="no answer")
        await self._life.step(Point.POSTED)
        return Accepted()

    async def close(self) -> None:
        """Nothing is held."""


def _is_cry(notice: Notice) -> bool:
    """Whether it is told before it is stored."""
    if not notice.type.startswith("dabyl.alarm."):
        return False
    return not msgspec.json.decode(notice.body)["data"]["stored"]
