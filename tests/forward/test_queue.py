"""The queue: order per alarm, life first, fair by device."""

from random import Random

from hypothesis import given
from hypothesis import strategies as some

from gateway.forward.queue import Pending, Queue
from gateway.store.outbox import Delivery
from tests.forward.making import delivery, stills


def queue(*deliveries: Delivery) -> Queue:
    found = Queue()
    for one in deliveries:
        found.put(one)
    return found


def sent(waiting: Queue) -> list[str]:
    """What goes, one after the other, each accepted at once."""
    keys = []
    while (pending := waiting.next(0.0)) is not None:
        keys.append(pending.delivery.key)
        waiting.settle(pending)
    return keys


def flying(waiting: Queue) -> Pending:
    pending = waiting.next(0.0)
    assert pending is not None
    return pending


def test_life_goes_first_then_first_words_then_the_oldest() -> None:
    waiting = queue(
        delivery(1, "p1", priority=1, device="a"),
        delivery(2, "old", 2, device="b"),
        delivery(3, "new", device="c"),
        delivery(4, "newer", device="d"),
    )
    assert sent(waiting) == ["new:1", "newer:1", "old:2", "p1:1"]


def test_pictures_go_last_unless_a_cry_waits_behind_them() -> None:
    p1 = [delivery(n, f"p{n}", priority=1, device=f"d{n}") for n in range(1, 4)]
    assert sent(queue(stills(9, "a", 2), *p1)) == ["p1:1", "p2:1", "p3:1", "a:2"]
    waiting = queue(stills(9, "a", 2), *p1, delivery(10, "a", 3))
    assert sent(waiting) == ["a:2", "a:3", "p1:1", "p2:1", "p3:1"]


def test_the_words_of_one_alarm_keep_their_order_even_when_they_come_late() -> None:
    waiting = queue(*(delivery(10 - n, "a", n) for n in (3, 1, 2)))
    assert sent(waiting) == ["a:1", "a:2", "a:3"]


def test_the_next_word_waits_for_the_one_under_way() -> None:
    waiting = queue(delivery(1, "a"), delivery(2, "a", 2), delivery(3, "b"))
    first = flying(waiting)
    assert flying(waiting).delivery.key == "b:1"
    assert waiting.next(0.0) is None
    waiting.settle(first)
    assert flying(waiting).delivery.key == "a:2"


def test_a_late_first_word_does_not_overtake_what_flies() -> None:
    waiting = queue(delivery(2, "a", 2))
    flight = flying(waiting)
    waiting.put(delivery(1, "a"))
    assert waiting.next(0.0) is None
    waiting.settle(flight)
    assert sent(waiting) == ["a:1"]


def test_a_delivery_is_taken_in_hand_once() -> None:
    waiting = queue(delivery(1, "a"), delivery(1, "a"))
    assert (len(waiting), sent(waiting)) == (1, ["a:1"])


def test_a_device_with_many_alarms_leaves_room_for_another() -> None:
    many = [delivery(n, f"m{n}", device="busy") for n in range(50)]
    waiting = queue(*many, delivery(99, "other", device="calm"))
    assert sent(waiting).index("other:1") == 1


def test_what_was_put_off_waits_for_its_time() -> None:
    waiting = queue(delivery(1, "a"))
    waiting.put_off(flying(waiting), 7.0)
    assert (waiting.next(6.9), waiting.next_due()) == (None, 7.0)
    assert waiting.next(7.0) is not None


def test_what_came_in_late_and_was_put_off_waits_for_its_time_too() -> None:
    waiting = queue(delivery(2, "a", 2), delivery(1, "a"))
    waiting.put_off(flying(waiting), 7.0)
    assert waiting.next(6.9) is None


def test_a_receiver_that_is_back_gets_everything_now() -> None:
    waiting = queue(delivery(1, "a", priority=1), delivery(2, "b"))
    for _ in range(2):
        waiting.put_off(flying(waiting), 30.0)
    waiting.all_now()
    assert sent(waiting) == ["b:1", "a:1"]


def test_a_probe_is_not_the_one_that_failed_last_unless_there_is_no_other() -> None:
    waiting = queue(delivery(1, "a"), delivery(2, "b", priority=1))
    probe = waiting.probe(1)
    assert probe is not None
    assert probe.delivery.id == 2
    waiting.settle(probe)
    alone = waiting.probe(1)
    assert alone is not None
    assert alone.delivery.id == 1


def test_only_an_untried_first_word_of_life_is_a_cry() -> None:
    waiting = queue(delivery(1, "a", priority=1), delivery(2, "b", 2))
    waiting.put(delivery(3, "c"), attempts=1)
    assert waiting.first_cry() is None
    waiting.put(delivery(4, "d"))
    cry = waiting.first_cry()
    assert cry is not None
    assert cry.delivery.key == "d:1"


_some = some.lists(
    some.tuples(some.sampled_from("abcd"), some.integers(0, 3), some.sampled_from("xyz")),
    max_size=30,
)


@given(_some, some.randoms())
def test_whatever_is_put_is_sent_once_and_in_order_of_its_alarm(
    plan: list[tuple[str, int, str]], dice: Random
) -> None:
    counts: dict[str, int] = {}
    rows = []
    for number, (alarm, priority, device) in enumerate(plan):
        counts[alarm] = counts.get(alarm, 0) + 1
        rows.append(delivery(number, alarm, counts[alarm], priority=priority, device=device))
    dice.shuffle(rows)
    keys = sent(queue(*rows))
    assert sorted(keys) == sorted(row.key for row in rows)
    for alarm in counts:
        own = [int(key.split(":")[1]) for key in keys if key.startswith(alarm)]
        assert own == sorted(own)
