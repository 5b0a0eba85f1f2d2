"""The ladder: whom an alarm reaches the longer nobody acts on it. Pure.

It is derived from the alarm as it stands: since when it asks, and how far it has climbed. So an
acknowledgement stops it in its own transaction, and a gateway that was killed forgets nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from msgspec.structs import replace

from gateway.domain import steps
from gateway.domain.alarm import Alarm, State
from gateway.domain.decision import Change
from gateway.domain.kind import Priority
from gateway.domain.steps import By
from gateway.domain.telling import ESCALATED


class Rung(IntEnum):
    """How far up: each calls those below it too."""

    NONE = 0
    SUPERVISOR = 1
    """A second tone, and the supervisors."""
    EVERYONE = 2
    """Every console, and the wall."""
    RECEIVER = 3
    """Somebody beyond the consoles: the receiver that is set for it."""


class Why(StrEnum):
    """Why it climbs."""

    UNCLAIMED = "unclaimed"
    NO_RESPONSE = "no_response"
    """Somebody holds it, and nobody has said what is done."""
    SEEN_ONLY = "seen_only"
    """Somebody has seen it; nobody holds it, and nobody has said what is done."""
    NOBODY_ARMED = "nobody_armed"
    """No console that sounds watches over its district."""


CLIMBS = (
    *((rung, Why.UNCLAIMED) for rung in Rung if rung),
    *((rung, why) for rung in Rung if rung for why in (Why.NO_RESPONSE, Why.SEEN_ONLY)),
)
"""How a cry may climb by its time alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """When an alarm climbs; times count from the moment since which it asks."""

    priorities: frozenset[Priority] = frozenset({Priority.P0, Priority.P1})
    supervisor: timedelta = timedelta(seconds=30)
    everyone: timedelta = timedelta(seconds=60)
    receiver: timedelta = timedelta(seconds=120)
    response: timedelta = timedelta(seconds=120)
    """So long a P0 may be held, or only seen, before anybody says what is done; then each rung."""

    def reached(self, age: timedelta) -> Rung:
        """The rung that an alarm of that age has reached."""
        times = (
            (Rung.RECEIVER, self.receiver),
            (Rung.EVERYONE, self.everyone),
            (Rung.SUPERVISOR, self.supervisor),
        )
        return next((rung for rung, after in times if age >= after), Rung.NONE)

    def unanswered(self, age: timedelta) -> Rung:
        """The rung of what was acknowledged so long ago, and what nobody has answered since."""
        times = ((rung, rung * self.response) for rung in reversed(Rung) if rung)
        return next((rung for rung, after in times if age >= after), Rung.NONE)


def due(
    alarm: Alarm, ladder: Ladder, now: datetime, *, is_armed: bool, is_supervised: bool = True
) -> tuple[Rung, Why] | None:
    """How far it must climb now, and why; None: it stays where it is.

    `is_armed`: whether a console that sounds watches over its district; `is_supervised`: whether
    one is of somebody who may take over.
    """
    if alarm.priority not in ladder.priorities or alarm.test or alarm.hidden or not alarm.is_open:
        return None
    if alarm.state is State.UNACKNOWLEDGED:
        rung = ladder.reached(now - asks_since(alarm))
        why = Why.UNCLAIMED
        if not is_armed and rung < Rung.RECEIVER:
            rung, why = Rung.RECEIVER, Why.NOBODY_ARMED
    else:
        rung = _unanswered(alarm, ladder, now)
        if rung and not is_supervised:  # the first rungs would call nobody
            rung = Rung.RECEIVER
        why = Why.SEEN_ONLY if alarm.claimed_by is None else Why.NO_RESPONSE
    return (rung, why) if rung > alarm.escalation else None


def climb(alarm: Alarm, rung: Rung, why: Why, now: datetime) -> Change:
    """The alarm on that rung; on the last one a receiver is called."""
    after = replace(alarm, escalation=int(rung))
    by = By(name="time", now=now, data={"rung": int(rung), "why": why.value})
    notice = ESCALATED if rung is Rung.RECEIVER else None
    return steps.change(alarm, after, "escalate", by, notice=notice)


def asks_since(alarm: Alarm) -> datetime:
    """Since when it asks to be seen."""
    return alarm.asks_since or alarm.raised_at


def seen_since(alarm: Alarm) -> datetime:
    """Since when somebody could act on it.

    Never before its last press: an older gateway acknowledges without writing down when.
    """
    return max(alarm.acknowledged_at or alarm.last_at, alarm.last_at)


def _unanswered(alarm: Alarm, ladder: Ladder, now: datetime) -> Rung:
    is_waiting = (
        alarm.priority is Priority.P0
        and alarm.state is State.ACKNOWLEDGED
        and alarm.responded is None
        and alarm.closing_as is None
    )
    return ladder.unanswered(now - seen_since(alarm)) if is_waiting else Rung.NONE
