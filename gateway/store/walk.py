"""Walk: whether each row of a chain fits the one before it, and in words what is wrong if not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from adapters.signal import Lane
from gateway.domain import kind as kinds
from gateway.domain.kind import Voice
from gateway.domain.supervision import FOUND, digest
from gateway.store.chain import BODY, DIGEST, EVENT_ID, HASH, KIND, LINK, NUMBER
from gateway.store.journal import FACTS, Head, linked
from gateway.store.prepared import Row

RENUMBERED = 2000
"""How many rows may have been cut out so that it is still found out."""
_blake2b = hashlib.blake2b


class What(StrEnum):
    """What is wrong."""

    CHANGED = "changed"
    MISSING = "missing"
    SWAPPED = "swapped"
    INSERTED = "inserted"
    UNSIGNED = "unsigned"
    CUT = "cut off"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first thing wrong in a chain."""

    gateway: str
    lane: Lane
    number: int
    what: What
    says: str
    """A sentence for whoever reads it at night."""


class Walk:
    """One chain, row after row; nothing is kept but its last two heads."""

    def __init__(self, gateway: str, lane: Lane, begins: Head) -> None:
        self.gateway, self.lane = gateway, lane
        self.head = begins
        self.rows = 0
        self._before: Head | None = None

    def take(self, rows: Sequence[Row]) -> int:
        """Go on over these, as far as each fits the one before; over how many."""
        number, last = self.head.number, self.head.hash
        begun = number
        before = self._before.hash if self._before is not None else b""
        for row in rows:
            if row[NUMBER] != number + 1 or _linked(last, row) != row[HASH]:
                break
            if row[DIGEST] != _digest(row):
                break
            before, last = last, row[HASH]
            number += 1
        if number > begun:
            self.rows += number - begun
            self.head = Head(number=number, hash=last)
            self._before = Head(number=number - 1, hash=before)
        return number - begun

    def jump(self, head: Head) -> None:
        """Go on behind a signed checkpoint: what was there was dropped meanwhile."""
        self.head, self._before = head, None

    def fault(self, window: Sequence[Row]) -> Fault:
        """What is wrong with the next row; `window` begins with it, and holds what follows."""
        number, what, says = self._named(window)
        return Fault(gateway=self.gateway, lane=self.lane, number=number, what=what, says=says)

    def missing(self, until: int, why: str = "") -> Fault:
        """The rows from here up to that number are not there."""
        first = self.head.number + 1
        rows = f"row {first} is" if until == first else f"rows {first} to {until} are"
        return Fault(
            gateway=self.gateway,
            lane=self.lane,
            number=first,
            what=What.MISSING,
            says=f"{rows} missing" + (f": {why}" if why else f"; the next is row {until + 1}"),
        )

    def _named(self, window: Sequence[Row]) -> tuple[int, What, str]:
        due, row = self.head.number + 1, window[0]
        if row[NUMBER] != due:
            return due - 1, What.INSERTED, f"row {row[NUMBER]} stands twice: one was put in"
        if _linked(self.head.hash, row) == row[HASH]:
            return due, What.CHANGED, f"row {due} was changed: its digest does not fit its body"
        before = self._before
        if before is not None and _linked(before.hash, row, due - 1) == row[HASH]:
            says = f"row {due - 1} was put in: what stands behind it belongs in its place"
            return due - 1, What.INSERTED, says
        for found in (self._moved(window), self._renumbered(window)):
            if found is not None:
                return found
        return self._changed(window)

    def _moved(self, window: Sequence[Row]) -> tuple[int, What, str] | None:
        """Whether the row that belongs here stands further on."""
        due = self.head.number + 1
        for before, other in pairwise(window):
            if _linked(self.head.hash, other, due) != other[HASH]:
                continue
            place = other[NUMBER]
            last = other[HASH] if place == due + 1 else before[HASH]
            if _linked(last, window[0], place) == window[0][HASH]:
                return due, What.SWAPPED, f"rows {due} and {place} were swapped"
            says = f"row {due} was put in: what belongs there stands at row {place}"
            return due, What.INSERTED, says
        return None

    def _renumbered(self, window: Sequence[Row]) -> tuple[int, What, str] | None:
        """Whether the rows from here on fit each other under higher numbers."""
        if len(window) < 2:  # noqa: PLR2004 - it takes the next one to know
            return None
        due, (row, after) = self.head.number + 1, window[:2]
        for count in range(1, RENUMBERED + 1):
            if _linked(row[HASH], after, after[NUMBER] + count) == after[HASH]:
                rows = "a row was" if count == 1 else f"{count} rows were"
                says = f"{rows} cut out before row {due}, and what follows was numbered anew"
                return due, What.MISSING, says
        return None

    def _changed(self, window: Sequence[Row]) -> tuple[int, What, str]:
        due, row = self.head.number + 1, window[0]
        says = f"row {due} was changed: it does not say what it said when it was stored"
        if len(window) > 1:
            after = window[1]
            if _linked(_linked(self.head.hash, row), after) == after[HASH]:
                says = f"row {due} was changed: only its hash; what it says is untouched"
            elif _linked(row[HASH], after) != after[HASH]:
                says = f"row {due} was changed, and row {after[NUMBER]} does not fit it either"
        return due, What.CHANGED, says


def _digest(row: Row) -> bytes:
    """Of its body; of what supervision found, of its kind and id."""
    if row[LINK] == "gateway" and row[EVENT_ID].startswith(FOUND) and _may_be_found(row[KIND]):
        return digest(row[KIND], row[EVENT_ID])
    return _blake2b(row[BODY], digest_size=16).digest()


def _may_be_found(name: str) -> bool:
    """A device may be on a broker that is called so, and choose its ids."""
    kind = kinds.find(name)
    return kind is not None and not kind.by & {Voice.DEVICE, Voice.ADAPTER}


def _linked(previous: bytes, row: Row, number: int | None = None) -> bytes:
    """The hash that a row must have behind that one; as if it stood under that number."""
    facts: Any = row[: len(FACTS)]
    if number is not None:
        facts = (*facts[:NUMBER], number, *facts[NUMBER + 1 :])
    return linked(previous, facts, row[BODY])
