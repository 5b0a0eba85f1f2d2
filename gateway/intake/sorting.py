"""Sorting: what was heard becomes events, refusals, check-ins and replies. No database."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from adapters.signal import CheckIn, Lane, Receipt, Reply, Spoken, Unreadable
from gateway.bus import Heard
from gateway.domain import belief, proof
from gateway.domain import kind as kinds
from gateway.domain.belief import Believing, Doubt
from gateway.domain.decision import FOLD
from gateway.domain.event import Event
from gateway.domain.flood import FOLD as FOLD_ROW
from gateway.domain.site import Registry
from gateway.intake.memory import FoldKey, FoldRow, Memory, fold_key
from gateway.store.quarantine import Refused


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An event that may be new, with whoever waits for its receipt."""

    heard: Heard | None
    event: Event
    is_stored_copy: bool = False
    again: int = 0
    """So often more it was heard at the same moment."""


@dataclass(slots=True, kw_only=True)
class Sorted:
    """A batch, sorted."""

    candidates: list[Candidate] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    check_ins: list[CheckIn] = field(default_factory=list)
    """Of registered devices, in the order in which they were heard."""
    replies: list[Reply] = field(default_factory=list)
    answers: list[tuple[Heard, Receipt]] = field(default_factory=list)
    counted: list[tuple[str, str]] = field(default_factory=list)
    """(kind, result) of every signal."""
    reused: list[str] = field(default_factory=list)
    """Devices that drew an id for another event that was known."""
    misplaced: int = 0
    new_folds: dict[FoldKey, FoldRow] = field(default_factory=dict)
    folded: dict[FoldKey, int] = field(default_factory=dict)
    folded_last: dict[tuple[str, str], Event] = field(default_factory=dict)
    """What was only counted, where it is the batch's last word on what lasts; by device, key."""
    stuck: dict[str, datetime] = field(default_factory=dict)
    unread_at: dict[str, datetime] = field(default_factory=dict)

    def answer(
        self, heard: Heard, kind: str, result: str, event_id: str | None, now: datetime
    ) -> None:
        """What is said to the device, and what is counted of it."""
        stored_at = None if event_id is None else now
        receipt = Receipt(device=heard.said.device, id=event_id, stored_at=stored_at)
        self.answers.append((heard, receipt))
        self.counted.append((kind, result))

    def count_others(self, heard: Heard, kind: str, result: str) -> None:
        """What is counted of those that only stand behind the one that is answered."""
        self.counted += [(kind, result)] * (heard.signals - 1)

    def refuse(self, heard: Heard, said: Spoken | Unreadable, reason: str, body: bytes) -> None:
        """Quarantine it, and tell the device."""
        device = belief.shown(said.device)
        self.refusals.append(
            Refused(device=device, reason=reason, link=said.link, at=said.received_at, body=body)
        )
        event_id = said.id if isinstance(said, Unreadable) else said.said.id
        self.answers.append((heard, Receipt(device=said.device, id=event_id, refused=reason)))
        # A heap whose first is refused is handed in again, message by message.
        self.counted += [("unreadable", "quarantined")] * heard.signals


def sort(
    batch: Iterable[tuple[int, Heard]],
    chatter: AbstractSet[int],
    memory: Memory,
    believing: Believing,
    now: datetime,
) -> Sorted:
    """Sort a numbered batch; `chatter` names those that their device says too fast."""
    out = Sorted()
    for index, heard in batch:
        said = heard.said
        match said:
            case Event():
                out.candidates.append(Candidate(heard=heard, event=said))
            case CheckIn():
                _check_in(said, believing.registry, out)
                out.answer(heard, "check_in", "check_in", None, now)
            case Reply():
                out.replies.append(said)
                out.answer(heard, "reply", "check_in", None, now)
            case Unreadable():
                _refuse(heard, said, said.reason, said.body, memory, believing.registry, out)
            case Spoken():
                is_chatter = index in chatter
                _spoken(heard, said, memory, believing, out, now, is_chatter=is_chatter)
    return out


def _spoken(  # noqa: PLR0913 - what was said, and all that it is judged by
    heard: Heard,
    said: Spoken,
    memory: Memory,
    believing: Believing,
    out: Sorted,
    now: datetime,
    *,
    is_chatter: bool,
) -> None:
    event = belief.believe(said, believing)
    if isinstance(event, Doubt):
        _refuse(heard, said, event, belief.encoded(said), memory, believing.registry, out)
        return
    out.misplaced += event.misplaced
    singly = len(out.candidates)
    if event.kind.name == proof.KIND and not said.retained:
        _proof(heard, event, memory, believing.gateway, out, now)
    elif is_chatter:
        out.stuck[event.device] = event.received_at
        _fold(heard, event, memory, out, now, FOLD_ROW)
    else:
        out.candidates.append(
            Candidate(heard=heard, event=event, is_stored_copy=said.retained, again=said.again)
        )
    if event.condition is not None:
        name = (event.device, event.condition.key)
        out.folded_last.pop(name, None)
        if len(out.candidates) == singly:
            out.folded_last[name] = event


def _proof(
    heard: Heard, event: Event, memory: Memory, gateway: str, out: Sorted, now: datetime
) -> None:
    """Our canary's press is one more on its row; another gateway's only shows that it lives."""
    if proof.is_of(gateway, event.id):
        _fold(heard, event, memory, out, now, proof.FOLD)
    else:
        out.answer(heard, kinds.label(event.kind), "check_in", None, now)
        out.count_others(heard, kinds.label(event.kind), "check_in")


def _fold(
    heard: Heard, event: Event, memory: Memory, out: Sorted, now: datetime, span: timedelta
) -> None:
    """What comes too often is gathered in one row of such a span: counted, receipted."""
    key = fold_key(event)
    beside = heard.signals - 1
    out.count_others(heard, kinds.label(event.kind), "folded")
    if key in out.new_folds or memory.fold_row(event, span) is not None:
        out.folded[key] = out.folded.get(key, 0) + 1 + beside
        out.answer(heard, kinds.label(event.kind), "folded", event.id, now)
        return
    if beside:
        out.folded[key] = beside
    before = memory.folds.get(key)
    since = 0 if before is None else before.since_row
    out.new_folds[key] = FoldRow(until=event.received_at + span)
    out.candidates.append(Candidate(heard=heard, event=replace(event, folded=1 + since)))


def _check_in(said: CheckIn, registry: Registry, out: Sorted) -> None:
    """A stored copy is history: neither life nor death."""
    if not said.retained and said.device in registry.devices:
        out.check_ins.append(said)


def _refuse(  # noqa: PLR0913, PLR0917 - what is refused, and what is remembered of it
    heard: Heard,
    said: Spoken | Unreadable,
    reason: str,
    body: bytes,
    memory: Memory,
    registry: Registry,
    out: Sorted,
) -> None:
    """On the alarm topic it also raises, once for each device and minute: it may be a cry."""
    out.refuse(heard, said, reason, body)
    if said.heard_on is not Lane.ALARM or said.retained:
        return
    device, at = belief.shown(said.device), said.received_at
    last = out.unread_at.get(device) or memory.unread_at.get(device)
    if last is None or abs(at - last) >= FOLD:
        out.unread_at[device] = at
        event = belief.unreadable(device, reason, body, at, registry)
        out.candidates.append(Candidate(heard=None, event=event))
