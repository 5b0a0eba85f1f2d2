"""Steps: what a person, or the centre, may do to an alarm. Pure: alarm before, change after.

None in place of a change means that nothing is left to do: one's own step again.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec.structs import replace

from gateway.domain.alarm import Alarm, Disposition, Hidden, State, Step, may_shelve, move
from gateway.domain.decision import Change, Transition
from gateway.domain.errors import Claimed, Incomplete, NotYours, StepRefused
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator

NOTE_LIMIT = 2000
CLAIM_LASTS = timedelta(seconds=120)
"""Without any sign of the person, while nobody has responded …"""
SIGN = timedelta(seconds=3)
"""… whose open page is a sign every so long …"""
LINGERS = timedelta(seconds=20)
"""… and so long after their last page is gone."""
NOTED = frozenset({Disposition.CONFIRMED, Disposition.FALSE})
"""How an alarm may end only with a note."""
AGREES_WITHIN = timedelta(seconds=120)
"""How long a person who holds an alarm may object to the centre's closing it."""
SHELVED_LONGEST = timedelta(hours=12)
CALLED = 3
"""The rung at which somebody beyond the consoles was called."""


class ResponseState(StrEnum):
    """What the centre says of an alarm."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


FURTHER = (ResponseState.ACCEPTED, ResponseState.DISPATCHED, ResponseState.ON_SCENE)
"""Each further than those before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One word of the centre's, idempotent by its id."""

    id: str
    state: ResponseState
    at: datetime | None = None
    operator_id: str | None = None
    operator_name: str | None = None
    disposition: Disposition | None = None
    reference: str | None = None
    note: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who takes a step, when, and what they wrote to it."""

    name: str
    now: datetime
    note: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def claim(
    before: Alarm, operator: Operator, now: datetime, lasts: timedelta = CLAIM_LASTS
) -> Change | None:
    """Take it: `claimed_by` and the acknowledgement in one step, with one notice.

    It `lasts` so long without a sign of the person.
    """
    if not operator.is_person:
        raise NotYours("machines cannot claim")
    holder = before.claimed_by
    if holder == operator.name and before.state is State.ACKNOWLEDGED:
        return None
    if not before.is_open:
        raise StepRefused(before.id, "claim", before.state)
    if holder not in {None, operator.name} and _is_held(before, now):
        seconds_ago = (now - (before.claimed_at or now)).total_seconds()
        raise Claimed(before.id, str(holder), max(0.0, seconds_ago))
    taken = _taken(before, operator.name, now, lasts)
    return change(before, taken, "claim", By(name=operator.name, now=now), notice="acknowledged")


def take_over(
    before: Alarm, operator: Operator, now: datetime, lasts: timedelta = CLAIM_LASTS
) -> Change | None:
    """Hold it in the place of whoever holds it, or does not."""
    holder = before.claimed_by
    if holder == operator.name and before.state is State.ACKNOWLEDGED:
        return None
    if not before.is_open:
        raise StepRefused(before.id, "take over", before.state)
    by = By(name=operator.name, now=now, data={} if holder is None else {"from": holder})
    taken = _taken(before, operator.name, now, lasts)
    return change(before, taken, "take_over", by, notice="acknowledged")


def tick(before: Alarm, by: By, step: str, *, done: bool = True) -> Change:
    """A step of the procedure is done, or is not after all: a line in the time line."""
    if not before.is_open:
        raise StepRefused(before.id, "procedure", before.state)
    return change(before, before, "procedure", _with(by, {"step": step, "done": done}))


def acknowledge(before: Alarm, by: By) -> Change:
    """A person has seen it; what was said of an earlier press does not answer this one."""
    seen = replace(_seen(before, by.now), responded=None)
    return change(before, seen, Step.ACKNOWLEDGE, by, notice="acknowledged")


def add_note(before: Alarm, by: By) -> Change:
    """A line in the time line."""
    return change(before, before, "note", by)


def shelve(before: Alarm, by: By, until: datetime) -> Change:
    """Hide it for a time. P0 never."""
    if not may_shelve(before) or not before.is_open:
        raise StepRefused(before.id, "shelve", f"P{int(before.priority)} {before.state}")
    if not by.now < until <= by.now + SHELVED_LONGEST:
        raise Incomplete("until must be in the future, at most 12 hours ahead")
    after = replace(before, hidden=Hidden.SHELVED, hidden_until=until, version=before.version + 1)
    return change(before, after, "shelve", by, notice="shelved")


def unshelve(before: Alarm, by: By) -> Change:
    """Show it again, by a person or because its time is over."""
    if before.hidden is not Hidden.SHELVED:
        raise StepRefused(before.id, "unshelve", "not shelved")
    after = replace(before, hidden=None, hidden_until=None, version=before.version + 1)
    if after.state is State.UNACKNOWLEDGED:
        after = replace(after, asks_since=by.now, escalation=0)
    return change(before, after, "unshelve", by, notice="unshelved")


def close(before: Alarm, by: By, disposition: Disposition) -> Change:
    """End it, with how it ended."""
    after = replace(
        move(before, Step.CLOSE),
        disposition=disposition,
        escalation=0,
        closing_as=None,
        closing_due_at=None,
        closed_at=by.now,
        hidden=None,
        hidden_until=None,
        repeats_owed=(),
        repeats_due_at=None,
        version=before.version + 1,
    )
    ended = _with(by, {"disposition": disposition})
    return change(before, after, Step.CLOSE, ended, notice="closed")


def lapse(before: Alarm, by: By) -> Change:
    """A claim whose holder gave no sign any more: the alarm asks again, as if never claimed.

    One that the centre has closed meanwhile is held up by nobody any more, and ends.
    """
    if before.closing_as is not None:
        return agreed(before, by)
    free = replace(move(before, Step.RELAPSE), claimed_by=None, claimed_at=None, claimed_until=None)
    was_quiet = before.state is State.ACKNOWLEDGED
    begins = was_quiet and before.escalation < CALLED  # whoever was called is not called again
    after = replace(free, escalation=0 if begins else before.escalation)
    return change(before, after, "lapse", _with(by, {"holder": before.claimed_by}))


def agreed(before: Alarm, by: By) -> Change:
    """The time in which its holder could look at the centre's closing is over."""
    return close(before, by, before.closing_as or Disposition.SUSPICIOUS)


def agree(before: Alarm, by: By) -> Change:
    """Its holder agrees to the centre's closing: it ends as the centre said."""
    if before.closing_as is None:
        raise StepRefused(before.id, "agree", "not closed by the centre")
    if before.claimed_by != by.name:
        raise NotYours("only who holds the alarm may agree to its closing")
    return close(before, by, before.closing_as)


def respond(
    before: Alarm, by: By, response: Response, *, may_close: bool, is_person: bool = False
) -> Change:
    """What the centre, or a person for it, said of it."""
    if response.state is ResponseState.CLOSED:
        if response.disposition is None:
            raise Incomplete("closing needs a disposition")
        if not may_close:
            raise NotYours("only a receiver marked authority may close")
        if before.is_open and before.claimed_by is not None and not is_person:
            return _closing(before, by, response.disposition)
        return close(before, by, response.disposition)
    if not before.is_open:
        raise StepRefused(before.id, response.state, before.state)
    if response.state is ResponseState.REJECTED:
        return change(before, _rejected(before, by.now), response.state, by)
    if before.state is not State.ACKNOWLEDGED:  # who acts on it has seen it
        seen = replace(_seen(before, by.now), responded=response.state.value)  # of this press
        return change(before, seen, response.state, by, notice="acknowledged")
    acted = replace(before, responded=_furthest(before, response.state), escalation=0)
    was_called = before.escalation >= CALLED  # then they hear that somebody acts
    notice = "acknowledged" if was_called else None
    after = replace(acted, version=before.version + 1)
    return change(before, after, response.state, by, notice=notice)


def _furthest(before: Alarm, said: ResponseState) -> str:
    """A late word of one does not take back what another has said since."""
    known = [] if before.responded is None else [ResponseState(before.responded)]
    return max((*known, said), key=FURTHER.index).value


def _rejected(before: Alarm, now: datetime) -> Alarm:
    """The centre will not act: a cry asks again, from now on; one that asks climbs as it did."""
    back = replace(before, version=before.version + 1, responded=None)
    if before.priority is not Priority.P0:
        return back  # whoever holds it goes on holding it, and without a response may lapse
    back = replace(back, claimed_by=None, claimed_at=None, claimed_until=None)
    back = replace(back, closing_as=None, closing_due_at=None)
    if before.state is not State.UNACKNOWLEDGED:
        back = replace(back, asks_since=now, escalation=0)
    return move(back, Step.RELAPSE)


def _closing(before: Alarm, by: By, disposition: Disposition) -> Change:
    after = replace(
        before,
        closing_as=disposition,
        closing_due_at=by.now + AGREES_WITHIN,
        version=before.version + 1,
    )
    return change(before, after, "closing", by)


def change(before: Alarm, after: Alarm, what: str, by: By, *, notice: str | None = None) -> Change:
    """The change from one to the other, with its line and its note."""
    note = None if by.note is None else by.note[:NOTE_LIMIT]
    line = Transition(
        alarm=before.id,
        what=what,
        before=before.state,
        after=after.state,
        at=by.now,
        by=by.name,
        note=note,
        data=by.data,
    )
    after = after if note is None else replace(after, note=note)
    called = before.escalation >= CALLED > after.escalation
    return Change(alarm=after, transition=line, notice=notice, was_escalated=called)


def _with(by: By, data: dict[str, Any]) -> By:
    """The same person and moment, with that beside."""
    return By(name=by.name, now=by.now, note=by.note, data={**by.data, **data})


def _is_held(alarm: Alarm, now: datetime) -> bool:
    """Whether its holder still counts; one who responded only while it does not ask again."""
    is_alive = alarm.claimed_until is not None and alarm.claimed_until > now
    return is_alive or (alarm.responded is not None and alarm.state is State.ACKNOWLEDGED)


def _taken(before: Alarm, name: str, now: datetime, lasts: timedelta) -> Alarm:
    seen = before
    if before.state is not State.ACKNOWLEDGED:
        # What was said of an earlier press does not answer this one.
        seen = replace(_seen(before, now), responded=None)
    return replace(
        seen,
        escalation=0,
        acknowledged_at=now,
        claimed_by=name,
        claimed_at=now,
        claimed_until=now + lasts,
        version=before.version + 1,
    )


def _seen(alarm: Alarm, now: datetime) -> Alarm:
    after = replace(
        move(alarm, Step.ACKNOWLEDGE),
        acknowledged_at=now,
        version=alarm.version + 1,
        escalation=0,
    )
    return after if after.is_open else replace(after, closed_at=now)
