"""A life of a gateway, which can end at any named step as kill -9 ends it: nothing more is done."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Point(StrEnum):
    """Where on a press's road a life can end."""

    DECODED = "decoded"
    COMMITTING = "committing"
    COMMITTED = "committed"
    RECEIPTING = "receipting"
    RECEIPTED = "receipted"
    ACKNOWLEDGED = "acknowledged"
    POSTING = "posting"
    POSTED = "posted"
    SETTLING = "settling"
    ANY_TIME = "any_time"


@dataclass(slots=True)
class Life:
    """From its start until it is killed; whoever acts for it asks whether it still lives."""

    gateway: str
    number: int
    deadly: Mapping[Point, int] = field(default_factory=dict)
    """At which passing of which point it ends."""
    passed: dict[Point, int] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    ended_at: Point | None = None

    @property
    def is_over(self) -> bool:
        """Whether it was killed."""
        return self.ended.is_set()

    def end(self, point: Point) -> None:
        """Kill it."""
        if not self.is_over:
            self.ended_at = point
            self.ended.set()

    def goes_on(self, point: Point) -> bool:
        """Pass that point; False: it ends there, and nothing more may be done for it."""
        count = self.passed[point] = self.passed.get(point, 0) + 1
        if self.deadly.get(point) == count:
            self.end(point)
        return not self.is_over

    async def step(self, point: Point) -> None:
        """The same for who can wait: who is dead waits for ever."""
        if not self.goes_on(point):
            await asyncio.Event().wait()


def fate(dice: random.Random) -> dict[Point, int]:
    """Where the next life ends, if it does not last."""
    points = [point for point in Point if point is not Point.ANY_TIME]
    return {dice.choice(points): dice.randint(1, 12)} if dice.random() < 0.5 else {}
