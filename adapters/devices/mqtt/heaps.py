"""Heaps: what one device says by the hundred is counted without being read one by one.

A broker hands on in order of arrival: whoever presses behind 20,000 messages of a device gone mad
waits for all of them. So a message costs a glance at its id, kind and part, once its topic has
many unanswered: the first 32 ids are handed on singly (a device keeps no more), what repeats one
of these goes onto a heap with its like, and so does what is new beyond them. Pure.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.devices import body
from adapters.devices.mqtt.quick import Answers, Published

GLANCED_FROM = 8
"""So few unanswered are handed on unseen: the usual case must cost nothing."""
DISTINCT = 32
RECEIPTED = 16
"""Of a heap of different ids so many get their receipt; the others' device asks again."""


_AGE = re.compile(rb'"age_ms"\s*:\s*[0-9]+')
"""What alone may differ between a press and its repeat (contract dabyl/v1, repeats)."""


class Arrival:
    """A message not yet stored, and the life it came in: its number counts only there.

    One of QoS 0 has no number; it takes its place in the window all the same.
    """

    __slots__ = ("answers", "is_stored", "mid", "topic")

    def __init__(self, answers: Answers, mid: int, topic: str) -> None:
        self.answers, self.mid, self.topic = answers, mid, topic
        self.is_stored = False


@dataclass(slots=True, kw_only=True)
class Heap:
    """Messages of one topic, kind and part: the same again, or each another."""

    first: Published
    is_repeats: bool
    arrivals: list[Arrival] = field(default_factory=list)
    messages: list[Published] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


class _Key(NamedTuple):
    topic: str
    kind: str
    part: int
    same: bytes
    """The body but for its age, where it repeats one that is waiting; else nothing."""


@dataclass(slots=True)
class _Topic:
    waiting: int = 0
    ids: set[str] = field(default_factory=set)


class Heaps:
    """The topics that have something unanswered, and the heaps of this turn of the loop.

    Bounded by what is unanswered at once.
    """

    def __init__(self) -> None:
        self._topics: dict[str, _Topic] = {}
        self._open: dict[_Key, Heap] = {}

    def gather(self, message: Published, arrival: Arrival) -> bool:
        """Count it as waiting; True: it lies on a heap now, and is not to be handed on."""
        topic = self._topics.get(message.topic)
        if topic is None:
            topic = self._topics[message.topic] = _Topic()
        topic.waiting += 1
        if topic.waiting <= GLANCED_FROM or message.retained:
            return False
        seen = body.glance(message.payload)
        if seen is None:
            return False
        is_known = seen.id in topic.ids
        if not is_known and len(topic.ids) < DISTINCT:
            topic.ids.add(seen.id)
            return False
        same = _AGE.sub(b"", message.payload) if is_known else b""
        key = _Key(message.topic, seen.kind, seen.part, same)
        heap = self._open.get(key)
        if heap is None:
            heap = self._open[key] = Heap(first=message, is_repeats=is_known)
        heap.arrivals.append(arrival)
        heap.messages.append(message)
        if not is_known and len(heap.ids) < RECEIPTED:
            heap.ids.append(seen.id)
        return True

    def answered(self, topic: str) -> None:
        """One of that topic waits no longer."""
        found = self._topics[topic]
        found.waiting -= 1
        if not found.waiting:
            del self._topics[topic]

    def closed(self) -> list[Heap]:
        """The heaps of this turn; the next begins anew."""
        found = list(self._open.values())
        self._open.clear()
        return found
