"""Heaps: a device gone mad costs a glance a message; nothing that it says first is passed over."""

from collections.abc import Iterable

import pytest

from adapters.devices.mqtt.heaps import DISTINCT, GLANCED_FROM, RECEIPTED, Arrival, Heap, Heaps
from adapters.devices.mqtt.quick import Answers, Published

ALARM = "dabyl/v1/button-1/alarm"


def message(body: str | bytes, topic: str = ALARM, *, retained: bool = False) -> Published:
    payload = body if isinstance(body, bytes) else body.encode()
    return Published(topic, payload, 1, retained, 1)


def press(event_id: object, more: str = "", topic: str = ALARM) -> Published:
    return message(f'{{"id": "{event_id}", "kind": "panic.pressed"{more}}}', topic)


def gathered(heaps: Heaps, said: Iterable[Published]) -> list[Published]:
    """Those that are not on a heap."""
    answers: Answers = None  # type: ignore[assignment]  # nothing is acknowledged here
    return [one for one in said if not heaps.gather(one, Arrival(answers, one.mid, one.topic))]


def sizes(heaps: Iterable[Heap]) -> list[int]:
    return [len(heap.arrivals) for heap in heaps]


def test_many_devices_with_a_few_words_each_are_all_handed_on() -> None:
    heaps = Heaps()
    said = [press(n, topic=f"dabyl/v1/b-{n % 50}/alarm") for n in range(50 * GLANCED_FROM)]
    assert gathered(heaps, said) == said
    assert not heaps.closed()


def test_all_that_a_device_can_keep_is_handed_on_and_the_rest_is_a_heap() -> None:
    heaps = Heaps()
    singly = gathered(heaps, [press(n) for n in range(1000)])
    assert len(singly) == GLANCED_FROM + DISTINCT
    (heap,) = heaps.closed()
    assert sizes([heap]) == [1000 - len(singly)]
    assert heap.first == press(GLANCED_FROM + DISTINCT)
    assert (heap.is_repeats, len(heap.ids)) == (False, RECEIPTED)
    assert not heaps.closed()


def test_presses_behind_the_repeats_of_another_are_handed_on() -> None:
    """Thirty copies of each of twenty presses, as the broker keeps them while nobody answers."""
    heaps = Heaps()
    said = [press(n, f', "age_ms": {2000 * again}') for n in range(20) for again in range(30)]
    singly = gathered(heaps, said)
    assert {one.payload.split(b'"')[3] for one in singly} == {str(n).encode() for n in range(20)}
    found = heaps.closed()
    assert all(heap.is_repeats for heap in found)
    assert sum(sizes(found)) + len(singly) == 600


def test_the_same_id_with_another_body_lies_on_no_heap_with_it() -> None:
    heaps = Heaps()
    gathered(heaps, [press("a")] * (GLANCED_FROM + 1))
    gathered(heaps, [press("a"), press("a", ', "data": {"x": 1}'), press("a", ', "age_ms": 7')])
    assert sorted(sizes(heaps.closed())) == [1, 1, 1]


def test_the_first_word_of_another_kind_or_part_lies_alone() -> None:
    heaps = Heaps()
    gathered(heaps, [press(n) for n in range(GLANCED_FROM + DISTINCT)])
    gathered(heaps, [press(f"x{n}") for n in range(50)])
    gathered(heaps, [press("part", ', "part": 2'), message('{"id": "d", "kind": "panic.duress"}')])
    assert sizes(heaps.closed()) == [50, 1, 1]


@pytest.mark.parametrize(
    "odd",
    [
        message(b"help"),
        message('{"id": 7, "kind": "panic.pressed"}'),
        message('{"id": "a", "kind": "panic.pressed", "part": {}}'),
        message('{"id": "a\\n", "kind": "panic.pressed"}'),
        message('{"id": "%s", "kind": "panic.pressed"}' % ("i" * 65)),
        message('{"id": "a", "kind": "panic.pressed", "x": "%s"}' % ("x" * 17_000)),
        message("[" * 9000),
        message('{"id": "new", "kind": "panic.pressed"}', retained=True),
    ],
    ids=["text", "number", "part", "newline", "long", "large", "deep", "stored"],
)
def test_what_is_not_plain_is_left_to_the_reader(odd: Published) -> None:
    heaps = Heaps()
    gathered(heaps, [press(n) for n in range(100)])
    heaps.closed()
    assert gathered(heaps, [odd] * 5) == [odd] * 5


def test_a_topic_whose_words_are_all_answered_begins_anew() -> None:
    heaps = Heaps()
    said = [press(n) for n in range(100)]
    gathered(heaps, said)
    heaps.closed()
    for _ in said:
        heaps.answered(ALARM)
    assert gathered(heaps, said[-5:]) == said[-5:]
    assert not heaps.closed()
