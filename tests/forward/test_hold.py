"""Standing still: what another gateway may have taken over is not sent, and never settled."""

import asyncio

from gateway.forward.queue import Queue
from tests.forward.making import BUSY, YES, Running, delivery, running


def stood_still(found: Running) -> None:
    """As after SIGSTOP: no turn of the loop for 15 s, and its claims ran out 9 s ago."""
    found.line.held(found.clock.monotonic() - 9)


async def test_a_line_that_stood_still_waits_until_it_knows_what_is_its_own() -> None:
    async with running(lambda *_: YES) as found:
        stood_still(found)
        found.take(delivery(1, "a", priority=1))
        await found.push(0.5)
        assert found.receiver.keys() == []
        found.line.held(found.clock.monotonic() + 6)
        await found.push()
        assert found.ended() == {"a:1": "done"}


async def test_a_cry_that_was_never_tried_goes_even_in_doubt() -> None:
    async with running(lambda *_: YES) as found:
        stood_still(found)
        found.take(delivery(1, "a"))
        await found.push()
        assert found.receiver.keys() == ["a:1"]


async def test_a_store_that_does_not_say_holds_up_nothing_for_long() -> None:
    async with running(lambda *_: YES) as found:
        stood_still(found)
        found.take(delivery(1, "a", priority=1))
        await found.push(1.1)
        assert found.receiver.keys() == ["a:1"]


async def test_what_another_took_over_is_not_tried_again() -> None:
    async with running(lambda *_: BUSY) as found:
        found.take(delivery(1, "a"), delivery(2, "b"))
        await found.push()
        assert found.line.lose([1]) == []
        found.receiver.asked.clear()
        await found.push(5)
        assert set(found.receiver.keys()) == {"b:1"}


async def test_what_another_took_over_under_way_is_not_settled_by_us() -> None:
    async with running(lambda *_: YES) as found:
        found.receiver.gate.clear()
        found.take(delivery(1, "a"))
        await found.push()
        found.line.lose([1])
        found.receiver.gate.set()
        await found.push()
        assert (found.receiver.keys(), found.settled) == (["a:1"], [])


async def test_what_comes_after_a_lost_word_of_its_alarm_is_let_go_of_too() -> None:
    async with running(lambda *_: BUSY) as found:
        found.take(delivery(1, "a"), delivery(2, "a", 2), delivery(3, "a", 3), delivery(4, "b"))
        await found.push()
        assert sorted(found.line.lose([1])) == [2, 3]
        assert not found.line.take(delivery(5, "a", 4))
        await asyncio.sleep(0)
        assert set(found.line.queue.by_id) == {4}


def test_what_is_before_a_lost_word_stays() -> None:
    waiting = Queue()
    for number in (1, 2, 3):
        waiting.put(delivery(number, "a", number))
    assert [one.delivery.id for one in waiting.lose([2])] == [3, 2]
    assert set(waiting.by_id) == {1}
