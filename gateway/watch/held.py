"""Held: one camera whose link this gateway holds, how it stands, and what is known of it."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Protocol

from adapters.devices.contract import Emit
from adapters.devices.onvif.fault import Reason
from adapters.devices.onvif.health import Health, LetGo
from adapters.devices.onvif.owing import Owing
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.snapshot import Still
from adapters.signal import Spoken
from gateway.domain.camera import Facts, LinkState
from gateway.domain.picture import Seen
from gateway.watch.room import Room
from gateway.watch.wanted import Wanted

WHY_LIMIT = 200
TOPICS = 20
STAYS = timedelta(seconds=60)
"""A contact that opens by itself sooner does not latch: pressed during a gap, it is not heard."""
TURNS = 64
"""So many turns of a camera's inputs are known by their ids."""
LEARNT_OF = ("manufacturer", "model", "firmware", "serial")


class Life(Protocol):
    """One life of a camera's link."""

    async def live(self, emit: Emit, up: Callable[[], None]) -> None:
        """Connect, say `up`, hand in what is heard until it ends, and give its place back.

        Raises:
            CameraLost: it ended. CameraRefused: it was not let in.
        """

    async def picture(self) -> Still:
        """A still of now.

        Raises:
            CameraLost, CameraRefused: with the reason why there is none.
        """


Dial = Callable[[CameraSettings, Mapping[str, bool], Health, Owing], Callable[[], Life]]
"""Of a camera's settings, what was last known to last on it, and what of it is still to be stored:
the maker of its lives."""


@dataclass(slots=True, kw_only=True)
class Held:
    """One camera, and its link."""

    wanted: Wanted
    health: Health = field(default_factory=Health)
    state: LinkState = LinkState.WAITING
    life: Life | None = None
    task: asyncio.Task[None] | None = None
    reason: str | None = None
    why: str = ""
    answers: bool = False
    ended_by: Reason | None = None
    """Why its last link ended before this one began."""
    failures: int = 0
    refused_at: list[datetime] = field(default_factory=list)
    """Failed logins that still count."""
    told: set[str] = field(default_factory=set)
    """The kinds of trouble of it that were said, and stand."""
    clock_off_s: float | None = None
    """Since when its clock is seen to be off; None: it is not."""
    pulses: set[int] = field(default_factory=set)
    """Parts whose contact does not stay."""
    firmware: str = ""
    """What it ran when it was looked at last."""
    firmware_before: str = ""
    seen: Seen = field(default_factory=Seen)
    """How its picture was."""
    replied_at: datetime | None = None
    """The last reply that was taken as a sign of life."""
    counted: tuple[int, int] = (0, 0)
    """How many unknown topics and unreadable messages were counted already."""
    is_counted: bool = False
    """Whether more was counted since that was written."""
    counted_s: float = -inf
    """When it was to be written the last time."""
    counted_let_go: Counter[LetGo] = field(default_factory=Counter)
    owing: Owing = field(default_factory=Owing)
    room: Room = field(default_factory=Room)
    is_changed: bool = True
    """Whether it stands otherwise than was last written down."""
    _closed: dict[int, Spoken] = field(default_factory=dict)
    """What said of each input's contact that it is closed."""
    _turned: deque[str] = field(default_factory=lambda: deque(maxlen=TURNS))

    @property
    def device(self) -> str:
        """Its id."""
        return self.wanted.device

    def stand(self, state: LinkState, reason: str | None = None, why: str = "") -> None:
        """From now on it stands so."""
        self.state, self.reason, self.why = state, reason, why[:WHY_LIMIT]
        self.is_changed = True

    def take_up(self, facts: Facts, heard_at: datetime | None) -> None:
        """What was known of it before this gateway held it, and when it was heard last."""
        health = self.health
        health.last_reply_at = self.replied_at = heard_at
        for name in LEARNT_OF:
            setattr(health, name, getattr(facts, name))
        health.last_event_at = facts.event_at
        if facts.state is LinkState.LOST and facts.reason in frozenset(Reason):
            self.ended_by = Reason(facts.reason)
        self.refused_at, self.pulses = list(facts.refused_at), set(facts.pulses)
        self.firmware, self.firmware_before = facts.firmware, facts.firmware_before
        self.seen = Seen(picture=facts.picture, at=facts.picture_at)

    def forgive_before(self, approved_at: datetime) -> None:
        """What failed before a person approved its login says nothing of that login."""
        self.refused_at = [at for at in self.refused_at if at >= approved_at]

    def contact(self, signal: Spoken) -> None:
        """An input's contact closed or opened: does it stay as long as a gap may last?

        Some is handed in again, and some told hours later: its own times count, and each id once.
        """
        said = signal.said
        if said.id in self._turned:
            return
        self._turned.append(said.id)
        if said.kind == "input.activated":
            self._closed[said.part] = signal
            return
        closed = self._closed.pop(said.part, None)
        stays = None if closed is None else _stays(closed, signal)
        if stays is not None and stays == (said.part in self.pulses):
            self.pulses ^= {said.part}
            self.is_changed = True

    def facts(self) -> Facts:
        """All of it, as it is kept and shown."""
        health, offset_s = self.health, self.health.clock_offset_s
        return Facts(
            state=self.state,
            reason=self.reason,
            why=self.why,
            answers=self.answers,
            way=health.way.value if self.state is LinkState.HEARD else "",
            manufacturer=health.manufacturer[:120],
            model=health.model[:120],
            firmware=health.firmware[:120],
            firmware_before=self.firmware_before[:120],
            serial=health.serial[:120],
            event_at=health.last_event_at,
            clock_offset_s=None if offset_s is None else float(round(offset_s)),
            slot_faults=health.slot_faults,
            unreadable=health.unreadable,
            unknown_topics=dict(health.unknown_topics.most_common(TOPICS)),
            pulses=tuple(sorted(self.pulses)),
            refused_at=tuple(self.refused_at),
            picture=self.seen.picture,
            picture_at=self.seen.at,
        )


def _stays(closed: Spoken, opened: Spoken) -> bool | None:
    """Whether a contact stayed; None: nobody can know.

    By our clock what was stored all happened at once, and by the camera's perhaps nothing lasts.
    """
    lasted = [opened.received_at - closed.received_at]
    if opened.said.at is not None and closed.said.at is not None:
        lasted.append(opened.said.at - closed.said.at)
    if timedelta() <= min(lasted) and max(lasted) < STAYS:
        return None if closed.said.data.get("initial") else False  # found closed: who knows since?
    if min(lasted) >= STAYS and not opened.said.data.get("initial"):
        return True
    return None
