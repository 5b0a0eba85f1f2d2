"""Stored: what a committed batch means for everybody outside its transaction."""

from dataclasses import dataclass, field

from gateway.domain.alarm import Alarm
from gateway.domain.event import Event
from gateway.domain.site import Registry
from gateway.domain.window import Window
from gateway.intake.checkins import Looked
from gateway.intake.sorting import Sorted
from gateway.store.journal import Head
from gateway.store.outbox import Delivery


@dataclass(slots=True, kw_only=True)
class Stored:
    """What came of it."""

    sorted: Sorted
    registry: Registry
    windows: list[Window]
    windows_version: int
    head: Head
    looked: Looked
    new: list[Event] = field(default_factory=list)
    """What was journalled."""
    owed: list[Delivery] = field(default_factory=list)
    raised: list[Alarm] = field(default_factory=list)
    copies: int = 1
    """On how many machines the commit is; known after it."""

    @property
    def written(self) -> int:
        """How many rows the head has gone on by."""
        return len(self.new)
