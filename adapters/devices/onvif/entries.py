"""Entries: the things that stand on one camera, or are still held, and how they hang together.

Pure.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.topics import SORTS, Sort

TWINS: Final = timedelta(seconds=2)
"""What a camera says under two topics comes as one: in the recordings always in one reply."""
KEPT: Final = 128
"""So many things are kept of one camera; the oldest goes."""
ANY: Final = 0
"""The part of what is only known from the store."""
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Entry:
    """One thing that stands, or is still held."""

    __slots__ = (
        *("active", "end", "heard_at", "kind", "merged", "part"),
        *("said", "seen", "since", "sort", "timed", "topic"),
    )

    def __init__(self, kind: str, topic: str, part: int, now: datetime, *, timed: bool) -> None:
        self.kind, self.topic, self.part = kind, topic, part
        self.sort: Sort = SORTS[kind]
        self.since = self.heard_at = now
        """When it began, and when it was last said to stand."""
        self.active = True
        self.timed = timed
        """It ends by its hold-off."""
        self.said = False
        """Its beginning was concluded, and its end was not."""
        self.seen = True
        """It was heard since the last gap."""
        self.merged = False
        """Another stands for it, said under another topic."""
        self.end: Concluded | None = None
        """It ended, and that is not said while another of its kind stands."""


class Entries:
    """By key, oldest first."""

    def __init__(self, known: Mapping[str, bool]) -> None:
        """`known`: what is stored as active or not, by key."""
        self._by_key: dict[str, Entry] = {}
        for key, active in known.items():
            kind, _, rest = key.partition(" | ")
            if active and kind in SORTS:
                entry = Entry(kind, rest.partition(" | ")[0], ANY, _LONG_AGO, timed=False)
                entry.said, entry.seen = True, False
                self._by_key[key] = entry

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[tuple[str, Entry]]:
        return iter(list(self._by_key.items()))

    def get(self, key: str) -> Entry | None:
        """What stands under that key."""
        return self._by_key.get(key)

    def keep(self, key: str, entry: Entry) -> None:
        """It stands now."""
        self._by_key.pop(key, None)
        self._by_key[key] = entry
        if len(self._by_key) > KEPT:
            del self._by_key[next(iter(self._by_key))]

    def drop(self, key: str) -> None:
        """It does not stand any more."""
        self._by_key.pop(key, None)

    def gap(self) -> None:
        """Words may have been lost: what stands must be said again to be certain."""
        for entry in self._by_key.values():
            entry.seen = False

    def expire(self, now: datetime) -> None:
        """End what has no end of its own. The wall clock may be set back."""
        for key, entry in self:
            hold = timedelta(seconds=entry.sort.hold_s)
            if entry.timed and not timedelta() <= now - entry.since < hold:
                del self._by_key[key]

    def has_twin(self, new: Entry, now: datetime, *, at_connect: bool) -> bool:
        """Whether it is said already, under another topic."""
        return any(
            other.kind == new.kind
            and other.topic != new.topic
            and other.said
            and other.active
            and other.part in {ANY, new.part}
            and (at_connect or timedelta() <= now - other.since <= TWINS)
            for other in self._by_key.values()
        )

    def is_held(self, entry: Entry, *, initial: bool) -> bool:
        """Whether another stands that its end would end too.

        What was not heard since a gap counts as standing while the initial state comes in.
        """
        return any(
            other is not entry
            and other.active
            and not other.timed
            and (other.said or other.merged)
            and (other.seen or initial)
            and other.sort.ended_by == entry.sort.ended_by
            and other.part in {ANY, entry.part}
            for other in self._by_key.values()
        )
